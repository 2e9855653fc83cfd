import { CfnDocument } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { documentText, jobText } from "./job-text.ts";

/** A member's id as etcdctl writes it. */
const MEMBER_ID = "^[0-9a-f]{1,16}$";
const BASE64 = "^[A-Za-z0-9+/]+={0,2}$";
const RELEASE = "^[0-9]+(\\.[0-9]+){2}$";
const SHA256 = "^[0-9a-f]{64}$";
/** etcd's token of a restored cluster: uid and epoch. */
const TOKEN = "^[0-9A-Za-z]{1,40}\\.[0-9]{1,6}$";
const NUMBER = "^[0-9]{1,15}$";
const OBJECT_URL = "^s3://[a-z0-9.-]{3,63}/clusters/[A-Za-z0-9./_-]{1,400}$";
const FILE = { url: OBJECT_URL, sha256: SHA256 };
const PEER_URL = "^https://[0-9]{1,3}(\\.[0-9]{1,3}){3}:2380$";
const PEER = PEER_URL.slice(1, -1);
const NEW_MEMBER = `[a-z]{1,2}=${PEER}`;
/** At most two, or none. */
const PEER_URLS = `^(-|${PEER}( ${PEER})?)$`;

/** A name in DNS. */
const HOST = "^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$";
const BUCKET = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
/** Name and uid of a cluster, and the id of a backup. */
const BACKUP_PREFIX = "^clusters/[a-z0-9.-]{1,63}/[a-z0-9]{1,40}/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z-[0-9a-f]{4}/$";
const KEY_ARN = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$";

/** Documents, and the pattern of each parameter that they take: nothing else can reach a shell. */
const DOCUMENTS = {
  "member-health": {},
  "await-member": {},
  "api-ready": {},
  "finish-control-plane": {},
  "install-add-ons": { addOns: BASE64, helmVersion: RELEASE, helmAmd64: SHA256, helmArm64: SHA256 },
  "list-nodes": {},
  "forget-nodes": { nodes: "^i-[0-9a-f]{8,17}( i-[0-9a-f]{8,17}){0,199}$" },
  "drain-node": { node: "^i-[0-9a-f]{8,17}$", within: "^[1-9][0-9]{0,3}$" },
  "await-nodes": { count: "^[0-9]{1,4}$", states: "^True(\\|False\\|Unknown)?$" },
  "list-members": {},
  "renew-member": { formerId: MEMBER_ID, name: "^[a-z]{1,2}$", peerUrl: PEER_URL },
  "member-progress": {},
  "promote-member": { peerUrl: PEER_URL },
  "remove-learner": { peerUrl: PEER_URL },
  "add-learners": { learners: `^${NEW_MEMBER}( ${NEW_MEMBER})?$` },
  "change-voters": { promote: PEER_URLS, remove: PEER_URLS, keeper: PEER_URL },
  "move-leader": { memberId: MEMBER_ID },
  "backup-etcd": { bucket: BUCKET, prefix: BACKUP_PREFIX, key: KEY_ARN },
  "member-hash": { revision: "^[0-9]{1,19}$" },
  "restore-status": { token: TOKEN },
  "stop-control-plane": { token: TOKEN },
  "start-control-plane": { token: TOKEN, what: "^(etcd|api-server|controllers)$" },
  "keep-data": { token: TOKEN },
  "undo-restore": { token: TOKEN, generation: NUMBER },
  "try-backup": FILE,
  "drill-backup": FILE,
  "snapshot-survivor": { token: TOKEN },
  "upload-survivor": {
    token: TOKEN,
    url: OBJECT_URL,
    key: "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$",
  },
  "restore-etcd": {
    ...FILE,
    token: TOKEN,
    totalSize: NUMBER,
    bump: NUMBER,
    generation: NUMBER,
    initialCluster: "^[a-z]{1,2}=https://[0-9.]{7,15}:2380(,[a-z]{1,2}=https://[0-9.]{7,15}:2380){0,6}$",
  },
  "restored-data": { addresses: "^[0-9.]{7,15}( [0-9.]{7,15}){0,6}$" },
  "taken-data": { forget: "^(no|yes)$" },
  "rewrite-endpoint": { from: HOST, to: HOST },
  "restart-workloads": { at: "^[0-9TZ:.-]{20,30}$", where: "^(kube-system|everywhere)$" },
  "restart-kubelet": {},
} as const satisfies Record<string, Readonly<Record<string, string>>>;
export type HostDocument = keyof typeof DOCUMENTS;
/** Documents that do something, and then are another one. */
const FOLLOWED_BY: Partial<Record<HostDocument, HostDocument>> = {
  "await-member": "member-health",
  "await-nodes": "list-nodes",
  "stop-control-plane": "restore-status",
  "start-control-plane": "restore-status",
  "keep-data": "restore-status",
  "undo-restore": "restore-status",
};
/** Scripts of functions that documents begin with. */
const BEGINS_WITH: Partial<Record<HostDocument, readonly string[]>> = {
  "try-backup": ["own-etcd", "fetch-file", "open-backup"],
  "drill-backup": ["await-boot", "own-etcd", "fetch-file", "open-backup"],
  "snapshot-survivor": ["own-etcd"],
  "restore-etcd": ["own-etcd", "fetch-file"],
};
/**
 * Documents whose script takes longer than Systems Manager should wait, and for how many seconds it may: each runs as a unit
 * of its own that is started and then looked at (functions/hosts/documents/job.sh), and takes the name of its job.
 */
const JOBS: Partial<Record<HostDocument, number>> = {
  "backup-etcd": 1_800,
  "drain-node": 1_800,
  "try-backup": 3_600,
  "drill-backup": 1_800,
  "snapshot-survivor": 3_600,
  "upload-survivor": 3_600,
  "restore-etcd": 3_600,
};
const JOB_NAME = "^[a-z0-9][a-z0-9-]{0,62}$";
/** How long a document may run, in seconds, where that is not a minute: what downloads may take longer. */
const TIME_LIMIT: Partial<Record<HostDocument, number>> = {
  "install-add-ons": 300,
  "finish-control-plane": 120,
  "restart-workloads": 300,
};
const NAMES = Object.keys(DOCUMENTS) as HostDocument[];

/** What a document runs on the host. */
function textOf(document: HostDocument): string {
  const next = FOLLOWED_BY[document];
  const text = [...(BEGINS_WITH[document] ?? []), document, ...(next ? [next] : [])].map(documentText).join("");
  const timeLimit = JOBS[document];
  return timeLimit === undefined ? text : jobText(text, timeLimit);
}

function parametersOf(document: HostDocument): Readonly<Record<string, string>> {
  return { ...(JOBS[document] === undefined ? {} : { job: JOB_NAME }), ...DOCUMENTS[document] };
}

/** Named by us, so that a permission to run one can be written before it is made. */
export function documentName(document: HostDocument): string {
  return `holdfast-${document}`;
}

/** The only commands that functions may run on hosts: SSM documents, their text in functions/hosts/documents. */
export class HostDocuments extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const document of NAMES) {
      new CfnDocument(this, document, {
        name: documentName(document),
        documentType: "Command",
        documentFormat: "JSON",
        updateMethod: "NewVersion",
        content: {
          schemaVersion: "2.2",
          description: `Holdfast: ${document}`,
          parameters: Object.fromEntries(
            Object.entries(parametersOf(document)).map(([name, allowedPattern]) => [
              name,
              { type: "String", description: name, allowedPattern },
            ]),
          ),
          mainSteps: [
            {
              action: "aws:runShellScript",
              name: "run",
              inputs: {
                timeoutSeconds: String(TIME_LIMIT[document] ?? 60),
                runCommand: ["#!/bin/bash", ...textOf(document).trimEnd().split("\n")],
              },
            },
          ],
        },
      });
    }
  }
}

import * as z from "zod";
import type { Action } from "../access/authorization.ts";
import { BackupId } from "../backup/manifest.ts";
import { ADMIN_MINUTES } from "../host/certificates.ts";
import { ClusterName } from "../spec/value-schemas.ts";
import { ClusterQuery, DryRun, Once, PAGE, VISIBLE } from "./common-parts.ts";
import { OPEN_CONSOLE } from "./console-request.ts";
import { FLEET_REQUESTS } from "./fleet-requests.ts";
import { MigrateBody } from "./migrate-body.ts";
import { DrillBody, FromBackup, RestoreBody } from "./restore-body.ts";
import { OperationViewSchema } from "./views.ts";

/**
 * What each route asks for: all that its handler needs to know. These schemas check the requests and are printed in the
 * OpenAPI document; what is answered, and examples, are in routes.ts, which no function carries with it.
 */
export interface ApiRequest {
  /** `METHOD /path`, as API Gateway writes it. */
  readonly route: `${"GET" | "POST" | "PATCH" | "DELETE"} /${string}`;
  /**
   * What a caller must be allowed; null for routes that are open, whose functions verify by themselves who calls.
   * `join` is for instances that sign with their own role, each for itself: no role of the API covers it, and no token
   * is taken.
   */
  readonly action: Action | "join" | null;
  /** It asks much of the account, so it counts against the caller's requests a minute. */
  readonly costly: boolean;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
}

const ETags = z
  .string()
  .min(1)
  .max(512)
  .describe('ETags that an earlier answer gave, separated by commas, or `*`: `"5f0c…"`.');

const Flag = z.enum(["true", "false"]).default("false");

const OPERATION_STATUSES = OperationViewSchema.shape.status.options;

const CertificateRequest = z
  .string()
  .max(8192)
  .regex(/^-----BEGIN CERTIFICATE REQUEST-----/, "a certificate signing request (PKCS#10) in PEM");
const Named = z.strictObject({ name: ClusterName.describe("Name of the cluster.") });
const OfBackup = Named.extend({ id: BackupId.describe("Id of the backup.") });
const BESIDE = { action: "repair", costly: true, path: Named, headers: Once } as const;
const OnceIfMatch = Once.extend({
  "if-match": ETags.optional().describe(
    "ETag of `GET /clusters/{name}`: the change is refused if the spec is another.",
  ),
});
const FromBackupField = FromBackup.optional().describe(
  "The new cluster begins with this backup's data. Fields of the spec that are not given are those of the backup's cluster.",
);
/** Checked by parse-spec.ts, which names everything that is wrong at once; the table of fields describes it. */
const SpecBody = z.strictObject({ spec: z.unknown(), fromBackup: FromBackupField });
const Flags = z
  .array(z.strictObject({ flag: z.string().min(1).max(80), value: z.string().max(1024) }))
  .max(200)
  .describe("Flags of `create cluster` as typed, in place of a spec; `NAME` is the name without a flag.");
/** What is refused is named as it was typed. */
const PlanBody = z.strictObject({ spec: z.unknown().optional(), flags: Flags.optional(), fromBackup: FromBackupField });

const MIGRATE = { action: "change", costly: true, path: Named, body: MigrateBody } as const;

/** It throws data away, as a deletion does. */
const RESTORE = { action: "delete", costly: true, path: Named, body: RestoreBody } as const;

/** Every route by its operation id. */
export const REQUESTS = {
  createPlan: { route: "POST /plan", action: "create", costly: true, body: PlanBody },
  createCluster: { route: "POST /clusters", action: "create", costly: true, headers: Once, body: SpecBody },
  listClusters: {
    route: "GET /clusters",
    action: "read",
    costly: false,
    query: ClusterQuery,
  },
  getCluster: {
    route: "GET /clusters/{name}",
    action: "read",
    costly: false,
    path: Named,
    query: z.strictObject({
      fresh: Flag.describe("`true` asks etcd and Kubernetes first, through the masters. That takes a second."),
    }),
  },
  updateCluster: {
    route: "PATCH /clusters/{name}",
    action: "change",
    costly: true,
    path: Named,
    headers: OnceIfMatch,
    body: z.strictObject({ spec: z.record(z.string(), z.unknown()), dryRun: DryRun }),
  },
  scaleCluster: {
    route: "POST /clusters/{name}/scale",
    action: "change",
    costly: true,
    path: Named,
    headers: OnceIfMatch,
    body: z.strictObject({ count: z.int().describe("Nodes of the whole cluster, 0 to 1000.") }),
  },
  resumeCluster: {
    route: "POST /clusters/{name}/resume",
    action: "change",
    costly: true,
    path: Named,
    headers: OnceIfMatch,
  },
  deleteCluster: {
    route: "DELETE /clusters/{name}",
    action: "delete",
    costly: true,
    path: Named,
    headers: Once,
    query: z.strictObject({
      finalSnapshot: Flag.describe("`true` takes a snapshot of a member's volume first, and keeps it."),
    }),
  },
  migrateCluster: { route: "POST /clusters/{name}/migrate", ...MIGRATE, headers: Once },
  planMigration: { route: "POST /clusters/{name}/migrate/plan", ...MIGRATE },
  restoreCluster: { route: "POST /clusters/{name}/restore", ...RESTORE, headers: Once },
  planRestore: { route: "POST /clusters/{name}/restore/plan", ...RESTORE },
  issueKubeconfig: {
    route: "POST /clusters/{name}/kubeconfig",
    action: "administer",
    costly: true,
    path: Named,
    body: z.strictObject({
      certificateRequest: CertificateRequest.describe(
        "PKCS#10 in PEM, for a key that stays with you. Only its public key counts.",
      ),
      minutes: z
        .int()
        .min(ADMIN_MINUTES.min)
        .max(ADMIN_MINUTES.max)
        .default(1080)
        .describe("How long the certificate is good for; as kops, 18 hours."),
    }),
  },
  issueNodeCertificate: {
    route: "POST /clusters/{name}/nodes/{instanceId}/certificate",
    action: "join",
    costly: true,
    path: Named.extend({
      instanceId: z
        .string()
        .regex(/^i-[0-9a-f]{8,17}$/, "the id of an instance")
        .describe("Id of the instance, which is the node's name."),
    }),
    body: z.strictObject({
      certificateRequest: CertificateRequest.describe(
        "PKCS#10 in PEM with the subject `O=system:nodes, CN=system:node:INSTANCE`.",
      ),
    }),
  },
  backupCluster: { route: "POST /clusters/{name}/backup", ...BESIDE },
  drillCluster: { route: "POST /clusters/{name}/drill", ...BESIDE, body: DrillBody },
  listBackups: {
    route: "GET /clusters/{name}/backups",
    action: "read",
    costly: false,
    path: Named,
    query: z.strictObject(PAGE),
  },
  getBackup: { route: "GET /clusters/{name}/backups/{id}", action: "read", costly: false, path: OfBackup },
  pinBackup: {
    route: "PATCH /clusters/{name}/backups/{id}",
    action: "change",
    costly: true,
    path: OfBackup,
    body: z.strictObject({ pinned: z.boolean().describe("True keeps it whatever retention says.") }),
  },
  listResources: { route: "GET /clusters/{name}/resources", action: "read", costly: true, path: Named },
  listOperations: {
    route: "GET /clusters/{name}/operations",
    action: "read",
    costly: false,
    path: Named,
    query: z.strictObject({
      ...PAGE,
      status: z.enum(OPERATION_STATUSES).optional().describe("Only operations with this status."),
    }),
  },
  listEvents: {
    route: "GET /clusters/{name}/events",
    action: "read",
    costly: false,
    path: Named,
    query: z.strictObject({
      ...PAGE,
      since: z.iso
        .datetime("a time such as 2026-11-25T10:00:00Z")
        .max(40)
        .optional()
        .describe("Only events of this moment (ISO 8601, UTC) or later."),
      type: z
        .string()
        .min(1)
        .max(60)
        .regex(/^[a-z0-9-]+$/, "a type such as master-lost")
        .optional()
        .describe("Only events of this type."),
    }),
  },
  getOperation: {
    route: "GET /operations/{id}",
    action: "read",
    costly: false,
    path: z.strictObject({
      id: z.string().min(1).max(80).regex(VISIBLE, "the id of an operation").describe("Id of the operation."),
    }),
    headers: z.object({
      "if-none-match": ETags.optional().describe("ETag of an earlier answer: 304, without a body, if nothing is new."),
    }),
  },
  openConsole: OPEN_CONSOLE,
  ...FLEET_REQUESTS,
  getOpenapi: { route: "GET /openapi.json", action: null, costly: false },
  chatSlack: { route: "POST /chat/slack", action: null, costly: false },
  chatMattermost: { route: "POST /chat/mattermost", action: null, costly: false },
  chatWebhook: { route: "POST /chat/webhook", action: null, costly: false },
} as const satisfies Readonly<Record<string, ApiRequest>>;
export type OperationId = keyof typeof REQUESTS;

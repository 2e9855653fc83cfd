import { type Owner, parameterPath } from "../cluster/naming.ts";
import { HEARTBEAT_ATTRIBUTES, heartbeatKey } from "../repair/heartbeats.ts";
import { Networking } from "../spec/value-schemas.ts";
import { KubernetesPermissions } from "./kubernetes-permissions.ts";
import { type Hosts, NO_OWN_TAGS, type Statement } from "./policy-statements.ts";

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** As IAM takes it, which counts its characters: a list of one value is as good as the value. */
export function policyText({ Version, Statement }: PolicyDocument): string {
  const withoutLists = (_: string, value: unknown): unknown =>
    Array.isArray(value) && value.length === 1 ? value[0] : value;
  return `{"Version":"${Version}","Statement":[${Statement.map((each) => JSON.stringify(each, withoutLists)).join(",")}]}`;
}

export interface Place {
  /** Name of the table that masters write their heartbeats to. */
  readonly heartbeatTable: string;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** The HTTP API by which nodes join. */
  readonly apiId: string;
  /** The stack's key, with which secrets are encrypted. */
  readonly secretsKeyArn: string;
}

/** A policy variable: the ARN of the instance that the role's keys were given to. */
const SOURCE_INSTANCE = "${ec2:SourceInstanceARN}";

function parameters(owner: Owner, place: Place, below: string) {
  return `arn:${place.partition}:ssm:${place.region}:${place.accountId}:parameter${parameterPath(owner)}/${below}`;
}

/**
 * What the management agent asks for: AmazonSSMManagedInstanceCore, version 2, but for its parameters. That policy itself
 * lets an instance read every parameter of the account: other clusters' keys too.
 */
export const AGENT_ACTIONS = [
  "ec2messages:AcknowledgeMessage",
  "ec2messages:DeleteMessage",
  "ec2messages:FailMessage",
  "ec2messages:GetEndpoint",
  "ec2messages:GetMessages",
  "ec2messages:SendReply",
  "ssm:DescribeAssociation",
  "ssm:DescribeDocument",
  "ssm:GetDeployablePatchSnapshotForInstance",
  "ssm:GetDocument",
  "ssm:GetManifest",
  "ssm:ListAssociations",
  "ssm:ListInstanceAssociations",
  "ssm:PutComplianceItems",
  "ssm:PutConfigurePackageResult",
  "ssm:PutInventory",
  "ssm:UpdateAssociationStatus",
  "ssm:UpdateInstanceAssociationStatus",
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
];

const AGENT: Statement = { Effect: "Allow", Action: AGENT_ACTIONS, Resource: "*" };

/** Denied, since roles that were made earlier have AmazonSSMManagedInstanceCore, and others attach it. */
const READ_PARAMETERS = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"];

/**
 * SSM and S3 use the key in its caller's name, and each always says what for: the parameter, or the object. So one
 * cluster's role opens nothing of another's. That no other way leads to the key stands in the boundary: a policy has
 * 10,240 characters.
 */
function useKey(place: Place, parameters: readonly string[], objects: readonly string[]): Statement {
  return {
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: place.secretsKeyArn,
    Condition: {
      StringLikeIfExists: {
        "kms:EncryptionContext:PARAMETER_ARN": parameters,
        "kms:EncryptionContext:aws:s3:arn": objects,
      },
    },
  };
}

/** Of one cluster. Uids are unique; the boundary names the bucket. */
function snapshots(uid: string, { partition }: Pick<Place, "partition">): string {
  return `arn:${partition}:s3:::*/${uid}/*/snapshot.db.gz`;
}

/** The one of a former cluster, without that cluster's name: its uid is enough, and a policy's characters are counted. */
function formerSnapshot(key: string, { partition }: Place): string {
  return `arn:${partition}:s3:::*/${key.split("/").slice(-3).join("/")}`;
}

/** A master is one member's: it has a role of its own, and reads no other member's keys. */
export type MasterHosts = Hosts & {
  readonly member: string;
  /** Key of the snapshot of a former cluster that is being taken over. */
  readonly takesOver?: string | undefined;
};
export type NodeHosts = Omit<Hosts, "member">;

/**
 * A master reads what all masters share and its own member's keys; what runs there for Kubernetes makes load balancers
 * and volumes. Nothing of another cluster.
 */
export function masterPolicy(owner: Owner, place: Place, hosts: MasterHosts): PolicyDocument {
  // Members' names are single letters: `a` and `a-volume`.
  const own = ["shared", `${hosts.member}*`].map((name) => parameters(owner, place, `masters/${name}`));
  const saved = snapshots(owner.uid, place);
  const former = hosts.takesOver === undefined ? [] : [formerSnapshot(hosts.takesOver, place)];
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["ssm:GetParameters"], Resource: own },
      useKey(place, own, [saved, ...former]),
      { Effect: "Deny", Action: READ_PARAMETERS, NotResource: own },
      AGENT,
      {
        // Only its own heartbeat, and of that only what is known: no master speaks for another one.
        Effect: "Allow",
        Action: ["dynamodb:PutItem"],
        Resource: `arn:${place.partition}:dynamodb:${place.region}:${place.accountId}:table/${place.heartbeatTable}`,
        Condition: {
          "ForAllValues:StringEquals": {
            "dynamodb:LeadingKeys": [heartbeatKey(owner.uid, SOURCE_INSTANCE)],
            "dynamodb:Attributes": HEARTBEAT_ATTRIBUTES,
          },
        },
      },
      // Its cluster's snapshots: no manifest, no authorities, no list, no deletion.
      { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: saved },
      ...new KubernetesPermissions(owner, place).ofMasters(hosts),
      ...NO_OWN_TAGS,
      ...former.map((Resource): Statement => ({ Effect: "Allow", Action: ["s3:GetObject"], Resource })),
    ],
  };
}

/**
 * A drill's host reads the snapshots of its own cluster. It writes nothing, and reads no parameter: what it finds is the
 * output of its command.
 */
export function drillPolicy({ uid }: Owner, place: Pick<Place, "partition" | "secretsKeyArn">): PolicyDocument {
  const Resource = snapshots(uid, place);
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:GetObject"], Resource },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: place.secretsKeyArn,
        Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": Resource } },
      },
      { Effect: "Deny", Action: READ_PARAMETERS, Resource: "*" },
      AGENT,
      ...NO_OWN_TAGS,
    ],
  };
}

function joinRoute({ cluster }: Owner, { partition, region, accountId, apiId }: Place): string {
  return `arn:${partition}:execute-api:${region}:${accountId}:${apiId}/$default/POST/clusters/${cluster}/nodes/*/certificate`;
}

/**
 * A node may ask to join its own cluster, and reads no parameter; with a network of the VPC's, its pods get addresses.
 * Which node it is, the function behind the route finds out.
 */
export function nodePolicy(owner: Owner, place: Place, hosts: NodeHosts): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["execute-api:Invoke"], Resource: joinRoute(owner, place) },
      { Effect: "Deny", Action: READ_PARAMETERS, Resource: "*" },
      AGENT,
      ...new KubernetesPermissions(owner, place).ofNodes(hosts),
      ...NO_OWN_TAGS,
    ],
  };
}

/**
 * Every action that a policy of an instance may name, whatever the network: its permissions boundary allows these
 * alone.
 */
export function instanceActions(): string[] {
  const owner = { cluster: "any", uid: "any", labels: {} };
  const place = {
    heartbeatTable: "any",
    partition: "aws",
    region: "any",
    accountId: "any",
    apiId: "any",
    secretsKeyArn: "any",
  };
  const policies = Networking.options.flatMap((network) => [
    masterPolicy(owner, place, { network, member: "a", securityGroups: [] }),
    nodePolicy(owner, place, { network, securityGroups: [] }),
  ]);
  const granted = policies.flatMap(({ Statement }) => Statement).filter(({ Effect }) => Effect === "Allow");
  return [...new Set(granted.flatMap(({ Action }) => Action))].toSorted();
}

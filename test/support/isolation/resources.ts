import { kubernetesTag, type Owner, ownerTags, parameterPath, TAG } from "../../../functions/domain/cluster/naming.ts";
import { heartbeatKey } from "../../../functions/domain/repair/heartbeats.ts";

/** Something in the account, as IAM sees it when a call names it. */
export interface Resource {
  /** The cluster that it is of; undefined for what has nothing to do with Holdfast. */
  readonly owner: Owner | undefined;
  readonly name: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Condition keys that come with this resource alone. */
  readonly keys?: Readonly<Record<string, string | readonly string[]>>;
}

export const MEMBERS = ["a", "b", "c"];
export const HERE = "us-west-2:111122223333";
export const KEY_ARN = `arn:aws:kms:${HERE}:key/one`;
export const API_ID = "api";
const TABLE_ARN = `arn:aws:dynamodb:${HERE}:table/clusters`;
const HEARTBEATS_ARN = `arn:aws:dynamodb:${HERE}:table/heartbeats`;
const EC2 = `arn:aws:ec2:${HERE}`;
const ELB = `arn:aws:elasticloadbalancing:${HERE}`;

/** Everything that Holdfast makes for a cluster, and what Kubernetes makes in it. */
export function resourcesOf(owner: Owner): Resource[] {
  return [
    ...ofHoldfast(owner),
    ...ofKubernetes(owner),
    ...secretsOf(owner),
    ...heartbeatsOf(owner),
    ...routesOf(owner),
  ];
}

/** Of a company that shares the account: without a tag of ours or of Kubernetes. */
export const STRANGERS: readonly Resource[] = [
  ...["vpc", "subnet", "security-group", "volume", "network-interface", "instance", "route-table", "snapshot"].map(
    (type) => `${EC2}:${type}/website`,
  ),
  ...["loadbalancer/app/website/1", "loadbalancer/website", "targetgroup/website/1", "listener/app/website/1/2"].map(
    (id) => `${ELB}:${id}`,
  ),
  `arn:aws:ssm:${HERE}:parameter/website/password`,
  `arn:aws:ssm:${HERE}:parameter/holdfast-settings/chat/slack`,
  `arn:aws:dynamodb:${HERE}:table/website`,
  `arn:aws:kms:${HERE}:key/website`,
  "arn:aws:iam::111122223333:role/website",
  `arn:aws:execute-api:${HERE}:api/$default/GET/clusters`,
].map((arn) => ({ owner: undefined, name: arn.split(":").slice(5).join(":"), arn, tags: { team: "website" } }));

/** What Holdfast makes for a cluster. */
export function ofHoldfast(owner: Owner): Resource[] {
  const one = (type: string, resource: string, more: Record<string, string> = {}): Resource => {
    const id = `${owner.uid}-${resource.replaceAll("/", "-")}`;
    const arn = type.startsWith("elb:") ? `${ELB}:${type.slice(4)}/net/hf/${id}` : `${EC2}:${type}/${id}`;
    return { owner, name: resource, arn, tags: ownerTags(owner, resource, more) };
  };
  const ofMember = (member: string) => {
    const tags = { [TAG.member]: member };
    return [
      one("volume", `volume/${member}`, tags),
      one("network-interface", `interface/${member}`, tags),
      one("instance", `master-${member}`, tags),
      one("volume", `root-of/master-${member}`),
      one("launch-template", `launch-template/master-${member}`),
    ];
  };
  return [
    ...["vpc", "internet-gateway", "route-table", "subnet", "natgateway", "elastic-ip"].map((type) => one(type, type)),
    ...["masters", "nodes", "api"].map((kind) => one("security-group", `security-group/${kind}`)),
    ...MEMBERS.flatMap(ofMember),
    one("instance", "node"),
    one("network-interface", "interface-of/node"),
    one("volume", "root-of/node"),
    ...["elb:loadbalancer", "elb:targetgroup", "elb:listener"].map((type) => one(type, type.slice(4))),
    {
      ...one("group", "group"),
      arn: `arn:aws:autoscaling:${HERE}:autoScalingGroup:*:autoScalingGroupName/a.masters.${owner.cluster}`,
    },
    { ...one("role", "role"), arn: `arn:aws:iam::111122223333:role/holdfast/holdfast-${owner.cluster}-masters-a` },
  ];
}

function ofKubernetes(owner: Owner): Resource[] {
  const tags = { [kubernetesTag(owner.cluster)]: "owned", "ebs.csi.aws.com/cluster": "true" };
  const arns = [
    ...["volume", "security-group", "network-interface"].map((type) => `${EC2}:${type}/k8s-${owner.uid}`),
    ...["loadbalancer/net/k8s", "loadbalancer/k8s", "targetgroup/k8s", "listener/net/k8s"].map(
      (id) => `${ELB}:${id}-${owner.uid}/1`,
    ),
  ];
  return arns.map((arn) => ({ owner, name: `Kubernetes' ${arn.split(/[:/]/)[5]}`, arn, tags }));
}

/** Each parameter, and the key in the context of it. */
function secretsOf(owner: Owner): Resource[] {
  const paths = [
    "control/authorities",
    "masters/shared",
    ...MEMBERS.flatMap((member) => [`masters/${member}`, `masters/${member}-volume`]),
  ];
  return paths.flatMap((path) => {
    const arn = `arn:aws:ssm:${HERE}:parameter${parameterPath(owner)}/${path}`;
    const keys = {
      "aws:ViaAWSService": "true",
      "kms:ViaService": "ssm.us-west-2.amazonaws.com",
      "kms:EncryptionContext:PARAMETER_ARN": arn,
    };
    return [
      { owner, name: path, arn, tags: ownerTags(owner, `parameter/${path}`) },
      { owner, name: `${path} with the key`, arn: KEY_ARN, tags: {}, keys },
    ];
  });
}

/** The ARN of the instance that `ofHoldfast` makes. */
export function instanceArn(owner: Owner, name: string): string {
  return `${EC2}:instance/${owner.uid}-${name}`;
}

/** Items of tables, by the keys of their partitions. */
function heartbeatsOf(owner: Owner): Resource[] {
  const items = (table: string, name: string, key: string): Resource => {
    const attributes = { "dynamodb:Attributes": ["pk", "member", "healthy"] };
    return { owner, name, arn: table, tags: {}, keys: { "dynamodb:LeadingKeys": [key], ...attributes } };
  };
  return [
    ...MEMBERS.map((member) =>
      items(HEARTBEATS_ARN, `heartbeat of ${member}`, heartbeatKey(owner.uid, instanceArn(owner, `master-${member}`))),
    ),
    ...[`CLUSTER#${owner.cluster}`, `EVENT#${owner.cluster}`].map((key) => items(TABLE_ARN, `items of ${key}`, key)),
  ];
}

/** Routes of the API, of which one is for nodes. */
function routesOf(owner: Owner): Resource[] {
  const path = `clusters/${owner.cluster}`;
  return [`POST/${path}/nodes/i-0123456789abcdef0/certificate`, `GET/${path}`, `DELETE/${path}`].map((route) => ({
    owner,
    name: route.replace(owner.cluster, "NAME"),
    arn: `arn:aws:execute-api:${HERE}:${API_ID}/$default/${route}`,
    tags: {},
  }));
}

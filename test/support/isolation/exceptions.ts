import { AWS_MANAGED_POLICIES } from "../../../local/iam/managed-policies.ts";
import type { Permitted } from "./report.ts";

/** Something that a role may do although it is not only to what Kubernetes made in its own cluster, and why. */
export interface Exception {
  readonly reason: string;
  readonly applies: (permitted: Permitted) => boolean;
}

const AGENT = new Set(
  Object.values(AWS_MANAGED_POLICIES)
    .flatMap(({ Statement }) => [Statement].flat())
    .flatMap(({ Action }) => [Action ?? []].flat())
    .filter((action) => !/:GetParameters?$/.test(action)),
);

/** What creating calls make; all else that they name is there already. */
const MADE: Readonly<Record<string, RegExp>> = {
  "ec2:CreateSecurityGroup": /:security-group\//,
  "ec2:CreateVolume": /:volume\//,
  "ec2:CreateNetworkInterface": /:network-interface\//,
  "elasticloadbalancing:CreateLoadBalancer": /^arn:aws:elasticloadbalancing:/,
  "elasticloadbalancing:CreateTargetGroup": /^arn:aws:elasticloadbalancing:/,
};

/** What controllers do with things of Holdfast's, in their own cluster: action and name of the thing. */
const USED: readonly (readonly [actions: RegExp, name: RegExp])[] = [
  [/:CreateSecurityGroup$/, /^vpc$/],
  [/:(Authorize|Revoke)SecurityGroupIngress$/, /^security-group\/nodes$/],
  [/:(Attach|Detach)Volume$/, /^(master-.|node)$/],
  [/:(Create|Delete)Route$/, /^route-table$/],
  [/:CreateNetworkInterface$/, /^subnet$/],
];

/** The same of masters alone, and of nodes alone. */
const INTERFACES_OF_MASTERS: typeof USED = [
  [/:(Create|Modify)NetworkInterface(Attribute)?$/, /^security-group\/masters$/],
];
const INTERFACES_OF_NODES: typeof USED = [
  [/:(Create|Modify)NetworkInterface(Attribute)?$/, /^security-group\/nodes$/],
  [/:((Una|A)ssignPrivateIpAddresses|ModifyNetworkInterfaceAttribute)$/, /^interface-of\/node$/],
  [/:(Attach|Detach)NetworkInterface$/, /^node$/],
];

function includes(list: typeof USED, { action, resource }: Permitted): boolean {
  return list.some(([actions, name]) => actions.test(action) && name.test(resource.name));
}

function isOwn({ resource }: Permitted): boolean {
  return resource.owner?.uid === "uid-one";
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    reason:
      "Describe of EC2 and load balancing knows no narrower resource than all: names, tags and uids of others show",
    applies: ({ action }) => /^(ec2|elasticloadbalancing):Describe/.test(action),
  },
  {
    reason: "the management agent's own calls, which AWS binds to the instance that makes them",
    applies: ({ action }) => AGENT.has(action),
  },
  {
    reason: "a creating call makes a new thing; its tags are asked for as CreateTags or AddTags, too",
    applies: ({ action, resource }) => MADE[action]?.test(resource.arn) ?? false,
  },
  {
    reason: "new things are tagged in the call that makes them",
    applies: ({ action, resource, setting }) =>
      /:(CreateTags|AddTags)$/.test(action) && resource.arn.endsWith("*") && setting === "its own tags",
  },
  {
    reason: "what Kubernetes made in its own cluster",
    applies: (permitted) => isOwn(permitted) && permitted.resource.name.startsWith("Kubernetes' "),
  },
  {
    reason: "what controllers use of Holdfast's, in their own cluster",
    applies: (permitted) =>
      isOwn(permitted) &&
      includes(
        [...USED, ...(permitted.role.member === undefined ? INTERFACES_OF_NODES : INTERFACES_OF_MASTERS)],
        permitted,
      ),
  },
  {
    reason: "routes to pods: that an instance may forward packets, and no other attribute of it",
    applies: (permitted) =>
      isOwn(permitted) &&
      permitted.action === "ec2:ModifyInstanceAttribute" &&
      permitted.attribute === "SourceDestCheck",
  },
  {
    reason: "a master's own pods get addresses on its own interfaces",
    applies: (permitted) =>
      isOwn(permitted) &&
      permitted.role.member !== undefined &&
      includes(
        [
          [/:(Una|A)ssignPrivateIpAddresses$/, new RegExp(`^interface/${permitted.role.member}$`)],
          [/:(Attach|Detach)NetworkInterface$/, new RegExp(`^master-${permitted.role.member}$`)],
        ],
        permitted,
      ),
  },
  {
    reason: "a master's own secrets",
    applies: (permitted) => isOwn(permitted) && isOwnSecret(permitted),
  },
  {
    reason: "health that a master writes of itself",
    applies: (permitted) =>
      isOwn(permitted) &&
      permitted.action === "dynamodb:PutItem" &&
      permitted.role.member !== undefined &&
      permitted.resource.name === `heartbeat of ${permitted.role.member}`,
  },
  {
    reason: "a node asks to join its own cluster",
    applies: (permitted) =>
      isOwn(permitted) &&
      permitted.role.member === undefined &&
      permitted.action === "execute-api:Invoke" &&
      /^POST.*\/certificate$/.test(permitted.resource.name),
  },
];

/** S3 makes data keys in a master's name for its snapshots; one for its own parameters opens nothing that it cannot read. */
function isOwnSecret({ action, role: { member }, resource }: Permitted): boolean {
  const path = resource.name.replace(" with the key", "");
  const own = ["masters/shared", `masters/${member}`, `masters/${member}-volume`];
  return (
    member !== undefined && /^(ssm:GetParameters?|kms:(Decrypt|GenerateDataKey))$/.test(action) && own.includes(path)
  );
}

export function exceptionFor(permitted: Permitted): Exception | undefined {
  return EXCEPTIONS.find(({ applies }) => applies(permitted));
}

import { TAG } from "../cluster/naming.ts";
import type { ClusterScope, Hosts, Statement } from "./policy-statements.ts";

export const ADDRESS_DESCRIBES = [
  "ec2:DescribeInstances",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeTags",
];

export const MAKE_INTERFACE = "ec2:CreateNetworkInterface";
const ASSIGN = ["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"];
const CHANGE = [...ASSIGN, "ec2:AttachNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"];
const REMOVE = ["ec2:DeleteNetworkInterface", "ec2:DetachNetworkInterface"];
const MEMBER = `aws:ResourceTag/${TAG.member}`;

/** To change interfaces that the CNI itself has made. */
export const INTERFACE_CHANGES = [...CHANGE, ...REMOVE];

/**
 * Permissions of the VPC CNI, which gives pods addresses of the VPC, to use what Holdfast made. It works on every host
 * with that host's role. Members' interfaces and instances carry `holdfast:member`: no node touches them, a master only
 * its own.
 */
export function addressPermissions(scope: ClusterScope, { member, securityGroups }: Hosts): Statement[] {
  return [
    ...groups(scope, member === undefined ? "nodes" : "masters", securityGroups),
    ...(member === undefined ? onNodes(scope) : onMaster(scope, member)),
  ];
}

/** Interfaces are put into the groups that these hosts are in, and no others: a node never into the masters'. */
function groups(scope: ClusterScope, kind: string, securityGroups: readonly string[]): Statement[] {
  const use = [MAKE_INTERFACE, "ec2:ModifyNetworkInterfaceAttribute"];
  return [
    scope.useOurs(use, scope.ec2("security-group/*"), {
      [`aws:ResourceTag/${TAG.resource}`]: `security-group/${kind}`,
    }),
    ...scope.useGroups(use, securityGroups),
  ];
}

const ATTACH = ["ec2:AttachNetworkInterface", "ec2:DetachNetworkInterface"];

function onNodes(scope: ClusterScope): Statement[] {
  return [
    // The first interface of a node was made with it by Holdfast.
    scope.useOurs(
      [...ASSIGN, "ec2:ModifyNetworkInterfaceAttribute"],
      scope.ec2("network-interface/*"),
      {},
      { [MEMBER]: "true" },
    ),
    scope.useOurs(ATTACH, scope.ec2("instance/*"), {}, { [MEMBER]: "true" }),
  ];
}

function onMaster(scope: ClusterScope, member: string): Statement[] {
  return [
    scope.useOurs(ATTACH, scope.ec2("instance/*"), { [MEMBER]: member }),
    // The CNI asks for addresses on the first interface before it makes another, and gives up when that is refused
    // (amazon-vpc-cni-k8s, ipamd.go, increaseDatastorePool). The member's fixed address is none that can be unassigned.
    scope.useOurs(ASSIGN, scope.ec2("network-interface/*"), { [MEMBER]: member }),
  ];
}

import { nodeRoleName, type Owner, TAG } from "../cluster/naming.ts";
import type { ClusterRecord } from "../cluster/records.ts";

/** A node is known by this certificate only until its kubelet has one of its own, which it asks for at once. */
export const NODE_CERTIFICATE_MINUTES = 60;

const NODES_GROUP = "system:nodes";

/** The subject by which the API server's Node authorizer knows the kubelet of an instance. */
export function nodeSubject(instanceId: string) {
  return {
    commonName: `system:node:${instanceId}`,
    organization: NODES_GROUP,
  };
}

export interface Place {
  readonly partition: string;
  readonly accountId: string;
}

/** What EC2 says of an instance that asks to join. */
export interface JoiningInstance {
  readonly state: string;
  readonly vpcId: string;
  readonly profileArn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A cluster that is being removed takes no nodes. One whose creation failed does: it may be resumed. */
const CLOSED = new Set(["DELETING", "DELETED"]);

export function takesNodes({ status, deleting }: Pick<ClusterRecord, "status" | "deleting">): boolean {
  return !CLOSED.has(status) && deleting !== true;
}

/**
 * The session that EC2 gives an instance with the role of this cluster's nodes: its name is the instance's id, and nobody but
 * EC2 may assume the role (aws/iam/iam.ts).
 */
export function nodeSession(owner: Owner, place: Place, instanceId: string): string {
  return `arn:${place.partition}:sts::${place.accountId}:assumed-role/${nodeRoleName(owner)}/${instanceId}`;
}

/** Does a certificate request ask for exactly the name of this instance's node? */
export function asksForNode(
  {
    commonNames,
    organizations,
  }: { readonly commonNames: readonly string[]; readonly organizations: readonly string[] },
  instanceId: string,
): boolean {
  const { commonName, organization } = nodeSubject(instanceId);
  return commonNames.join() === commonName && organizations.join() === organization;
}

/** Why an instance is not taken for a node of the cluster, as the end of a sentence; undefined if it is one. */
export function whyNoNode(
  instance: JoiningInstance,
  cluster: Pick<ClusterRecord, "name" | "network">,
  owner: Owner,
  place: Place,
): string | undefined {
  const { state, vpcId, profileArn, tags } = instance;
  const profile = `arn:${place.partition}:iam::${place.accountId}:instance-profile/holdfast/${nodeRoleName(owner)}`;
  if (state !== "pending" && state !== "running") return `is ${state}`;
  if (tags[TAG.uid] !== owner.uid || tags[TAG.cluster] !== cluster.name)
    return `is not tagged as one of ${cluster.name}`;
  if (profileArn !== profile) return "does not have the instance profile of its nodes";
  if (vpcId !== cluster.network?.vpcId) return "is not in its VPC";
  return undefined;
}

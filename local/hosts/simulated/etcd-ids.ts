import { createHash } from "node:crypto";

function first64(bytes: Buffer): bigint {
  return createHash("sha1").update(bytes).digest().readBigUInt64BE(0);
}

/** The id that etcd gives a member of an initial cluster: of its peer URL and the cluster's token (etcd: `membership.computeMemberID`). */
export function initialMemberId(peerUrl: string, token: string): bigint {
  return first64(Buffer.from(peerUrl + token));
}

/** The id of a member that is added later, when it also depends on the time, in epoch seconds. */
export function addedMemberId(peerUrl: string, token: string, seconds: number): bigint {
  return first64(Buffer.from(`${peerUrl}${token}${seconds}`));
}

/** The id of a cluster: of its first members (etcd: `RaftCluster.genID`). */
export function clusterIdOf(members: readonly bigint[]): bigint {
  const bytes = Buffer.alloc(members.length * 8);
  const sorted = members.toSorted((one, other) => (one < other ? -1 : 1));
  for (const [index, id] of sorted.entries()) bytes.writeBigUInt64BE(id, index * 8);
  return first64(bytes);
}

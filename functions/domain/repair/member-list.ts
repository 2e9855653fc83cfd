/** A line of `etcdctl member list -w simple`. Ids are hexadecimal text; the name is empty until the member has started. */
export interface ListedMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly learner: boolean;
}

export function readMemberList(output: string): ListedMember[] {
  return output.split("\n").flatMap((line) => {
    const [id, , name, peerUrl, , learner] = line.trim().split(", ");
    if (id === undefined || !/^[0-9a-f]{1,16}$/.test(id) || peerUrl === undefined) return [];
    return [{ id, name: name ?? "", peerUrl, learner: learner === "true" }];
  });
}

/** How many learners etcd allows at once: etcd's own default where its flag is not given. */
export function readMaxLearners(output: string): number {
  return Number(/^max-learners (\d+)$/m.exec(output)?.[1] ?? 1);
}

export function peerUrlOf(address: string): string {
  return `https://${address}:2380`;
}

/** etcd's JSON writes ids in decimal, its commands take them in hexadecimal. */
export function toHexId(decimal: string): string {
  return BigInt(decimal).toString(16);
}

/** A line of `etcdctl member list -w simple`. Ids are hexadecimal text; the name is empty until the member has started. */
export interface ListedMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly learner: boolean;
}

export const readMemberList = (output: string): ListedMember[] =>
  output.split("\n").flatMap((line) => {
    const [id, , name, peerUrl, , learner] = line.trim().split(", ");
    if (id === undefined || !/^[0-9a-f]{1,16}$/.test(id) || peerUrl === undefined) return [];
    return [{ id, name: name ?? "", peerUrl, learner: learner === "true" }];
  });

export const peerUrlOf = (address: string): string => `https://${address}:2380`;

/** etcd's JSON writes ids in decimal, its commands take them in hexadecimal. */
export const toHexId = (decimal: string): string => BigInt(decimal).toString(16);

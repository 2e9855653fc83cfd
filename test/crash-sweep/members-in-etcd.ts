import type { MemberRecord } from "../../functions/domain/cluster/records.ts";
import type { World } from "./world.ts";

interface ListedMember {
  readonly id: string;
  readonly address: string;
  readonly learner: boolean;
}

/** Whom etcd lists, as the first of these members knows it that answers. */
export async function membersInEtcd({ cloud }: World, members: readonly MemberRecord[]): Promise<ListedMember[]> {
  for (const { instanceId } of members) {
    if (instanceId === null) continue;
    const { exitCode, stdout } = await cloud.hosts.run(instanceId, "etcdctl member list", { timeoutMs: 10_000 });
    if (exitCode === 0) return parse(stdout);
  }
  throw new Error("no member says whom etcd has");
}

/** `8e9e05c52164694d, started, a, https://172.20.32.4:2380, https://172.20.32.4:2379, false` */
function parse(list: string): ListedMember[] {
  return list
    .split("\n")
    .map((line) => line.split(", "))
    .flatMap(([id = "", , , peerUrl, , learner]) =>
      peerUrl === undefined ? [] : [{ id, address: new URL(peerUrl).hostname, learner: learner === "true" }],
    );
}

import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { memberReport } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { ownerTags, TAG } from "../../domain/cluster/naming.ts";
import { type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import { interfaceName, volumeName } from "../../domain/ownership/known-resources.ts";
import { assessCluster } from "./assess-cluster.ts";

const INPUT = { cluster: NAME, operation: "repair-1" };
const env = { MEMBER_HEALTH_DOCUMENT: "member-health" };
const NOW_S = Date.parse("2026-11-29T12:00:00Z") / 1000;

/** Three healthy masters; `silent` hosts do not answer, and have sent no heartbeat for ten minutes. */
function newStage({ silent = [] as readonly string[], change = {} as Partial<MemberRecord> } = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1" }, { "--topology": "private" });
  const members = [memberRecord("a", change), memberRecord("b"), memberRecord("c")];
  const account = new Account(cluster, members);
  account.host = ({ instanceId }) =>
    silent.includes(instanceId.slice(2)) ? undefined : { ok: true, output: memberReport(instanceId.slice(2)) };
  const tagsOf = (name: string, member: string) => ownerTags(ownerOf(cluster), name, { [TAG.member]: member });
  const volume = { zone: "", sizeGiB: 0, encrypted: true };
  const aws = {
    ...account.calls,
    findInterfaces: async (ids: readonly string[]) =>
      ids.map((id) => {
        const member = id.slice(4);
        const tags = tagsOf(interfaceName(member, 1), member);
        return {
          id,
          groups: ["sg-masters"],
          instanceId: account.interfaces.get(id) ?? null,
          addressId: "eipalloc",
          tags,
        };
      }),
    findVolumes: async (ids: readonly string[]) =>
      ids.flatMap((id) => {
        const found = account.volumes.get(id);
        const tags = tagsOf(volumeName(id.slice(4), 1), id.slice(4));
        return found ? [{ ...volume, id, state: found.state, instanceId: found.attachedTo, tags }] : [];
      }),
  };
  const store = new MemoryStore(cluster, members);
  store.heartbeats = members.map(({ member, instanceId }) => ({
    uid: cluster.uid,
    member,
    instanceId: instanceId ?? "",
    healthy: true,
    since: NOW_S - 3_600,
    at: silent.includes(member) ? NOW_S - 600 : NOW_S - 5,
  }));
  return { store, aws, env, account };
}

test("a cluster without a failure is whole, and its state is recorded", async () => {
  const stage = newStage();

  expect(await run(assessCluster, stage, INPUT)).toMatchObject({ kind: "whole", members: [], quorumLost: false });
  expect(await stage.store.getCluster(NAME)).toMatchObject({ leader: "a", etcdClusterId: "77" });
});

test("a master whose instance has ended is placed, and etcd is not asked", async () => {
  const stage = newStage();
  stage.account.end("i-b");

  const { askHosts: _, ...aws } = stage.aws;

  expect(await run(assessCluster, { ...stage, aws }, INPUT)).toMatchObject({
    kind: "place",
    members: ["b"],
  });
});

test("a master that hangs is replaced, and that is an event", async () => {
  const stage = newStage({ silent: ["c"] });

  expect(await run(assessCluster, stage, INPUT)).toMatchObject({ kind: "replace", members: ["c"], quorumLost: false });
  expect(stage.store.eventTypes()).toEqual(["member-hung"]);
  expect(stage.store.member("c")?.health).toBe("unhealthy");
});

test("a master whose volume is gone is renewed only from a majority", async () => {
  const [one, two] = [newStage(), newStage({ silent: ["b"] })];
  for (const stage of [one, two]) {
    stage.account.end("i-c");
    stage.account.volumes.delete("vol-c");
  }

  expect(await run(assessCluster, one, INPUT)).toMatchObject({ kind: "renew", members: ["c"] });
  expect(await run(assessCluster, two, INPUT)).not.toMatchObject({ kind: "renew" });
});

test("two masters that hang cost the majority: nothing is ended", async () => {
  const stage = newStage({ silent: ["b", "c"] });

  const answer = await run(assessCluster, stage, INPUT).catch((error: unknown) => error);

  expect(answer).not.toMatchObject({ kind: "replace" });
  expect(stage.account.instances.get("i-b")?.state).toBe("running");
});

test("a silent master whose heartbeats are fresh is not believed to hang", async () => {
  const stage = newStage({ silent: ["c"] });
  stage.store.heartbeats = stage.store.heartbeats.map((each) => ({ ...each, at: NOW_S - 1 }));

  await expect(run(assessCluster, stage, INPUT)).rejects.toThrow(NotReadyYet);
});

test("a group that somebody changed is corrected before it is needed", async () => {
  const stage = newStage();
  stage.account.changeGroup("a", { minSize: 0, desired: 0 });

  await run(assessCluster, stage, INPUT);

  expect(stage.account.groups.get(stage.account.group("a"))).toMatchObject({ minSize: 1, desired: 1 });
  expect(stage.store.eventTypes()).toEqual(["group-resized"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(assessCluster, () => newStage({ silent: ["c"] }), INPUT);
});

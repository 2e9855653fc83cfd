import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { memberReport } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { verifyQuorum } from "./verify-quorum.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const env = { MEMBER_HEALTH_DOCUMENT: "member-health" };

function newStage() {
  const cluster = clusterRecord();
  const members = ["a", "b", "c"].map((member) => memberRecord(member, { health: "pending" }));
  const account = new Account(cluster, members);
  account.host = ({ instanceId }) => ({ ok: true, output: memberReport(instanceId.slice(2)) });
  return { store: new MemoryStore(cluster, members), aws: account.calls, env, account };
}

test("all members answer, and name one leader; which etcd cluster they serve is written down", async () => {
  const stage = newStage();

  expect(await run(verifyQuorum, stage, INPUT)).toEqual({ size: 3, healthy: 3, leader: "a" });
  expect(await stage.store.getCluster(NAME)).toMatchObject({ leader: "a", etcdClusterId: "77" });
  expect((await stage.store.listMembers(NAME)).map(({ health }) => health)).toEqual(["healthy", "healthy", "healthy"]);
});

test("one that is silent is not ready, and is recorded as that", async () => {
  const stage = newStage();
  stage.account.host = ({ instanceId }) =>
    instanceId === "i-c" ? undefined : { ok: true, output: memberReport(instanceId.slice(2)) };

  await expect(run(verifyQuorum, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.store.member("c")?.health).toBe("unhealthy");
});

test("a member that an open migration makes does not count: a repair beside it ends", async () => {
  const stage = newStage();
  await stage.store.updateMember(NAME, "c", { migrating: "joining" });

  expect(await run(verifyQuorum, stage, INPUT)).toMatchObject({ size: 2, healthy: 2 });
});

test("members that serve another etcd cluster than is on record are not healthy", async () => {
  const stage = newStage();
  await stage.store.recordClusterId(NAME, "99");

  await expect(run(verifyQuorum, stage, INPUT)).rejects.toThrow(NotReadyYet);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(verifyQuorum, newStage, INPUT);
});

import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { progress } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { CatchUpFailed, NotReadyYet } from "../../domain/cluster/errors.ts";
import { promoteMember } from "./promote-member.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "a" };
const env = {
  MEMBER_PROGRESS_DOCUMENT: "member-progress",
  PROMOTE_MEMBER_DOCUMENT: "promote-member",
  REMOVE_LEARNER_DOCUMENT: "remove-learner",
};
const MINUTE = 60_000;
const NOW = Date.parse("2026-11-29T12:00:00Z");

/** The member is a learner since so many minutes, and has applied so many of 1,000 entries. */
function newStage({ applied = 1_000, minutes = 1 } = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1" });
  const renewal = { formerId: "b", generation: 2, since: NOW - minutes * MINUTE };
  const members = [
    memberRecord("a", { health: "unhealthy", generation: 2, renewal }),
    memberRecord("b"),
    memberRecord("c"),
  ];
  const account = new Account(cluster, members);
  const address = cluster.plan.members[0]?.address ?? "";
  const made = new Set<string>();
  account.host = ({ document }) => {
    if (document === "member-progress") return { ok: true, output: progress(address, applied) };
    made.add(document);
    return { ok: true, output: "" };
  };
  return { store: new MemoryStore(cluster, members), aws: account.calls, env, account, made };
}

test("a learner that has caught up votes again", async () => {
  const stage = newStage();

  await run(promoteMember, stage, INPUT);

  expect(stage.made).toEqual(new Set(["promote-member"]));
  expect(stage.store.member("a")?.renewal).toBeNull();
  expect(stage.store.eventTypes()).toEqual(["member-promoted"]);
});

test("no member is asked to promote itself", async () => {
  const stage = newStage();

  await run(promoteMember, stage, INPUT);

  expect(new Set(stage.account.commands.map(({ instanceId }) => instanceId))).toEqual(new Set(["i-b"]));
});

test("one that lags behind is waited for, though etcd would take it", async () => {
  const stage = newStage({ applied: 899 });

  await expect(run(promoteMember, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.made.size).toBe(0);
});

test("after ten minutes it is taken out again, and left alone for an hour", async () => {
  const stage = newStage({ applied: 1, minutes: 11 });

  await expect(run(promoteMember, stage, INPUT)).rejects.toThrow(CatchUpFailed);
  expect(stage.made).toEqual(new Set(["remove-learner"]));
  const { renewal, damage } = stage.store.member("a") ?? {};
  expect(renewal).toBeNull();
  expect((damage?.retryAt ?? 0) - NOW).toBeGreaterThanOrEqual(60 * MINUTE);
  expect(stage.store.eventTypes()).toEqual(["member-given-up"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(promoteMember, newStage, INPUT);
});

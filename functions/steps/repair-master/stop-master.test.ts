import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { memberReport } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet, OwnershipConflict, QuorumAtRisk } from "../../domain/cluster/errors.ts";
import { stopMaster } from "./stop-master.ts";

const env = { MEMBER_HEALTH_DOCUMENT: "member-health", MOVE_LEADER_DOCUMENT: "move-leader" };
function stop(member: string) {
  return { cluster: NAME, operation: "repair-1", member };
}

/** Three healthy masters, of which `a` leads; hosts in `silent` do not answer. */
function newStage({ silent = [] as readonly string[], moves = true } = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1" });
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  const moved: string[] = [];
  account.host = ({ document, instanceId }) => {
    const member = instanceId.slice(2);
    if (silent.includes(member)) return undefined;
    if (document === "member-health") return { ok: true, output: memberReport(member) };
    moved.push(member);
    return { ok: moves, output: "" };
  };
  return { store: new MemoryStore(cluster, members), aws: account.calls, env, account, moved, made: account };
}

function stateOf(stage: ReturnType<typeof newStage>, id: string) {
  return stage.account.instances.get(id)?.state;
}

test("an instance is ended while all the others are healthy, and its group holds its launch", async () => {
  const stage = newStage();

  await run(stopMaster, stage, stop("b"));

  expect(stateOf(stage, "i-b")).toBe("terminated");
  expect(stage.moved).toEqual([]);
  expect(stage.store.member("b")).toMatchObject({ health: "unhealthy", launchHeld: { instanceId: "i-b" } });
});

test("the leader gives its leadership away first", async () => {
  const stage = newStage();

  await run(stopMaster, stage, stop("a"));

  expect(stage.moved).toEqual(["a"]);
});

test("a healthy leader that cannot give it away is not ended", async () => {
  const stage = newStage({ moves: false });

  await expect(run(stopMaster, stage, stop("a"))).rejects.toThrow(NotReadyYet);
  expect(stateOf(stage, "i-a")).toBe("running");
});

test("a healthy master is not ended while another is silent", async () => {
  const stage = newStage({ silent: ["c"] });

  await expect(run(stopMaster, stage, stop("b"))).rejects.toThrow(QuorumAtRisk);
  expect(stateOf(stage, "i-b")).toBe("running");
});

test("one that is silent itself costs no vote: it is ended", async () => {
  const stage = newStage({ silent: ["c"] });

  await run(stopMaster, stage, stop("c"));

  expect(stateOf(stage, "i-c")).toBe("terminated");
});

test("an instance whose tags are another's is not ended", async () => {
  const stage = newStage();
  const instance = { instanceId: "i-b", state: "running", zone: "us-west-2b", launchedAt: 0, tags: {} };
  stage.account.instances.set("i-b", instance);

  await expect(run(stopMaster, stage, stop("b"))).rejects.toThrow(OwnershipConflict);
  expect(stateOf(stage, "i-b")).toBe("running");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(stopMaster, newStage, stop("b"));
});

import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { installAddOns } from "./install-add-ons.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const env = { INSTALL_ADD_ONS_DOCUMENT: "install-add-ons" };

function newStage(flags = {}) {
  const cluster = clusterRecord({ status: "CREATING", operation: "create-1" }, flags);
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  return { store: new MemoryStore(cluster, members), aws: account.calls, env, account };
}

test("a master is given the list of add-ons and the version of helm, with its digests", async () => {
  const stage = newStage();

  await run(installAddOns, stage, INPUT);

  const [{ parameters = {} } = {}] = stage.account.commands;
  expect(Object.keys(parameters).toSorted()).toEqual(["addOns", "helmAmd64", "helmArm64", "helmVersion"]);
  expect(parameters["helmAmd64"]?.[0]).toMatch(/^[0-9a-f]{64}$/);
});

test("the network of pods is the one that the spec names", async () => {
  const [flannel, amazon] = [newStage({ "--networking": "flannel" }), newStage({ "--networking": "amazonvpc" })];

  await run(installAddOns, flannel, INPUT);
  await run(installAddOns, amazon, INPUT);

  const listOf = (stage: ReturnType<typeof newStage>) => stage.account.commands[0]?.parameters["addOns"];
  expect(listOf(flannel)).not.toEqual(listOf(amazon));
});

test("a chart that cannot be fetched is the reason of the wait", async () => {
  const stage = newStage();
  stage.account.host = () => ({ ok: false, output: "helm: connection refused" });

  await expect(run(installAddOns, stage, INPUT)).rejects.toThrow(NotReadyYet);
  await expect(run(installAddOns, stage, INPUT)).rejects.toThrow("connection refused");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(installAddOns, newStage, INPUT);
});

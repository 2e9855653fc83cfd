import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { verifyApi } from "./verify-api.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const env = { API_READY_DOCUMENT: "api-ready" };

function newStage() {
  const cluster = clusterRecord();
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  return { store: new MemoryStore(cluster, members), aws: account.calls, env, account };
}

test("one master asks the API, through its load balancer", async () => {
  const stage = newStage();

  await run(verifyApi, stage, INPUT);

  expect(stage.account.commands).toEqual([{ document: "api-ready", instanceId: "i-a", parameters: {} }]);
});

test("an API that does not answer yet is asked again, by any master", async () => {
  const stage = newStage();
  stage.account.host = () => ({ ok: false, output: "" });

  await expect(run(verifyApi, stage, INPUT)).rejects.toThrow(NotReadyYet);
  await expect(run(verifyApi, stage, INPUT, { begun: AGAIN })).rejects.toThrow(NotReadyYet);
  expect(stage.account.commands).toHaveLength(2);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(verifyApi, newStage, INPUT);
});

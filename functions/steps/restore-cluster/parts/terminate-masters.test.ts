import { expect, test } from "vitest";
import { hosts, REQUEST, report, storeOf } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { terminateMasters } from "./terminate-masters.ts";

test("the silent one is ended and not the one that answers after all; the flow continues once that is terminated", async () => {
  const ended: string[] = [];
  const { listLiveMasters, askHosts } = hosts({ a: report("a"), b: null });
  const aws = {
    askHosts,
    listLiveMasters: async () => (await listLiveMasters()).filter(({ instanceId }) => !ended.includes(instanceId)),
    listGroupInstances: async () => new Map(),
    terminateInstance: async ({ id }: { readonly id: string }) => void ended.push(id),
  };
  const stage = { store: storeOf(), aws, env: { RESTORE_STATUS_DOCUMENT: "restore-status" } };
  const input = { ...REQUEST, members: ["a", "b"] };

  await expect(run(terminateMasters, stage, input)).rejects.toThrow(NotReadyYet);
  expect(ended).toEqual(["i-b"]);
  await run(terminateMasters, stage, input);
  expect(ended).toEqual(["i-b"]);
  expect(stage.store.eventTypes()).toEqual(["master-silent"]);
});

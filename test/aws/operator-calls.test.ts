import { afterAll, beforeAll, expect, test } from "vitest";
import { clientSettings, type Names, prepareAccount } from "../support/operator-calls/account.ts";
import { OPERATOR_CALLS } from "../support/operator-calls/calls.ts";
import { isInSdk, runSdk } from "../support/operator-calls/run-sdk.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

let scenario: Scenario;
let names: Names;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  names = await prepareAccount(scenario);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

test("16.4: what an operator asks AWS by its clients has an answer on the local cloud", async () => {
  const failures: string[] = [];
  for (const call of OPERATOR_CALLS.filter(isInSdk)) {
    const outcome = await runSdk(call, names, clientSettings(scenario));
    if (outcome !== undefined) failures.push(`${call.command}: ${outcome}`);
  }
  expect(failures).toEqual([]);
});

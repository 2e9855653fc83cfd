import { afterAll, beforeAll, expect, test } from "vitest";
import { listResources } from "../support/account.ts";
import { type Healing, startHealing } from "../support/healing.ts";
import { memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";

const NAME = "dying.example.com";
const FOUR_ZONES = ["--zones", "us-west-2d"];
const MOVES = ["--master-zone-fallback", "move", "--master-zone-fallback-minutes", "1"];

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME, ...FOUR_ZONES, ...MOVES));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** The last of them is after etcd has lost the member and gained its successor. */
const DEATHS = [
  "CreateNetworkInterface",
  "PutParameter",
  "CreateLaunchTemplateVersion",
  "UpdateAutoScalingGroup",
  "RegisterTargets",
];

test("W2: the move dies after five of its calls, and continues with the same move each time", async () => {
  const before = await healing.whole();
  await scenario.etcdctl(NAME, "put", "before", "acknowledged");
  for (const operation of DEATHS) {
    const once = JSON.stringify({ operation, count: 1 });
    await healing.fault("lambda", "crash-after-call", "movemember", "--json", once);
  }
  await healing.fault("zone", "power", "us-west-2c");

  const moved = await memberReplaced(scenario, NAME, memberOf(before, "c"), 400_000);
  const { stdout } = await scenario.holdfast("local", "fault", "list");

  expect(moved).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(moved.members.map(({ zone }) => zone)).toEqual(["us-west-2a", "us-west-2b", "us-west-2d"]);
  expect(stdout.match(/strikes 1 +\{"kind":"lambda"/g)).toHaveLength(5);
  expect(Object.keys(await healing.memberIds()).toSorted()).toEqual(["a", "b", "c"]);
  const ofMemberC = (await listResources(scenario.cloud))
    .map(({ kind, name = "" }) => `${kind} ${name}`)
    .filter((line) => /^(instance master-c|(volume|interface) (volume|interface)\/c(\/\d+)?)$/.test(line));
  expect(ofMemberC.toSorted()).toEqual(["instance master-c", "interface interface/c/2", "volume volume/c/2"]);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "before")).toBe("acknowledged");
});

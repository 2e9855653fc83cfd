import { expect, test } from "vitest";
import { healingOf } from "../support/healing.ts";
import { identitiesOf } from "../support/proof-cluster.ts";
import { eventually, memberOf, startScenario } from "../support/scenario.ts";

const NAME = "shared.example.com";
const TWO_ZONES = "us-west-2a,us-west-2b";

test("V9, K2: two masters in one zone, both replaced at once, each get their own volume and address", async () => {
  await using scenario = await startScenario();
  const flags = ["--zones", TWO_ZONES, "--node-count", "1", "--master-zones", TWO_ZONES, "--master-count", "3"];
  const created = await scenario.holdfast("create", "cluster", ...flags, NAME, "--yes", "--wait");
  expect(created).toMatchObject({ code: 0 });
  const healing = await healingOf(scenario, NAME);
  const before = await healing.whole();
  const ids = await healing.memberIds();
  const neighbours = before.members.filter(({ zone }) => zone === "us-west-2a");
  const lost = neighbours.map(({ instanceId }) => instanceId ?? "");
  await scenario.etcdctl(NAME, "put", "shared", "zone");

  await Promise.all(lost.map((instanceId) => scenario.terminate(instanceId)));
  await eventually(
    () => scenario.cluster(NAME),
    (cluster) => neighbours.every(({ name }, index) => memberOf(cluster, name).instanceId !== lost[index]),
    180_000,
  );
  const after = await healing.whole();

  expect(neighbours).toHaveLength(2);
  expect(identitiesOf(after)).toEqual(identitiesOf(before));
  expect(await healing.memberIds()).toEqual(ids);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "shared")).toBe("zone");
});

import { expect, test } from "vitest";
import { startHealing } from "../support/healing.ts";
import { identitiesOf } from "../support/proof-cluster.ts";
import { eventually, memberOf } from "../support/scenario.ts";

const NAME = "shared.example.com";

test("V9, K2: two masters in one zone, both replaced at once, each get their own volume and address", async () => {
  const { scenario, healing } = await startHealing(
    NAME,
    "--master-zones",
    "us-west-2a,us-west-2b",
    "--master-count",
    "3",
  );
  await using _ = scenario;
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

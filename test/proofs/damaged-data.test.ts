import { DescribeInstancesCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Healing, startHealing } from "../support/healing.ts";
import { memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";

const NAME = "damaged.example.com";

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(
    NAME,
    "--master-size",
    "t3.medium",
    "--master-size-fallbacks",
    "t3.large",
  ));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

test("V5: what etcd does not take on a fresh instance either is kept, and the member begins again", async () => {
  const before = memberOf(await healing.whole(), "b");
  const ids = await healing.memberIds();
  await scenario.etcdctl(NAME, "put", "log", "damaged");
  await healing.fault("volume", "corrupt", `${NAME}/b`, "--json", '{"file":"wal","how":"flip","seed":3}');

  await scenario.terminate(before.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, before, 90_000);

  expect(memberOf(healed, "b")).toMatchObject({ address: before.address });
  expect(memberOf(healed, "b").volumeId).not.toBe(before.volumeId);
  const now = await healing.memberIds();
  expect(now).toMatchObject({ a: ids["a"], c: ids["c"] });
  expect(now["b"]).not.toBe(ids["b"]);
  const kept = await scenario.ec2.send(new DescribeVolumesCommand({ VolumeIds: [before.volumeId ?? ""] }));
  expect(kept.Volumes?.[0]).toMatchObject({ State: "available" });
  expect(kept.Volumes?.[0]?.Tags).toContainEqual({ Key: "holdfast:damaged", Value: "true" });
  expect(await healing.explain()).toContain(
    `Volume ${before.volumeId} of member b is not usable on a new instance either: walpb: crc mismatch.`,
  );
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "log")).toBe("damaged");
});

test("C5: without capacity for its type a master gets the next one of the spec", async () => {
  const before = memberOf(await healing.whole(), "c");
  await healing.fault("capacity", "exhaust", before.zone, "--json", '{"instanceType":"t3.medium"}');

  await scenario.terminate(before.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, before, 90_000);

  const InstanceIds = [memberOf(healed, "c").instanceId ?? ""];
  const { Reservations = [] } = await scenario.ec2.send(new DescribeInstancesCommand({ InstanceIds }));
  expect(Reservations[0]?.Instances?.[0]?.InstanceType).toBe("t3.large");
  expect(memberOf(healed, "c").volumeId).toBe(before.volumeId);
  expect(await healing.explain()).toContain("There is no t3.medium for master c in its zone; t3.large is tried.");
});

import { SSMClient } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { ageCertificates } from "../support/aged-certificates.ts";
import { startHealing } from "../support/healing.ts";
import { eventually, memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";

const NAME = "expiring.example.com";
const DAY_MS = 86_400_000;

/** Days until the first certificate of a member expires, as `validate` shows it. */
async function daysLeft(scenario: Scenario, member: string): Promise<number> {
  const { stdout } = await scenario.holdfast("validate", "cluster", NAME, "-o", "json");
  const { certificatesUntil } = memberOf(JSON.parse(stdout), member);
  return certificatesUntil === null ? 0 : (Date.parse(certificatesUntil) - Date.now()) / DAY_MS;
}

test("a master whose certificates have 55 days left is replaced with new ones, while all others are healthy", async () => {
  const { scenario, healing } = await startHealing(NAME);
  await using _ = scenario;
  const ids = await healing.memberIds();
  const first = memberOf(await healing.whole(), "a");
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  await ageCertificates(new SSMClient({ endpoint, region, credentials }), NAME, first, 310);
  await scenario.terminate(first.instanceId ?? "");
  const before = await memberReplaced(scenario, NAME, first, 180_000);
  const aged = await eventually(
    () => daysLeft(scenario, "a"),
    (days) => days < 60,
    120_000,
  );
  await scenario.etcdctl(NAME, "put", "certificates", "old");

  await healing.found();
  const after = await memberReplaced(scenario, NAME, memberOf(before, "a"), 180_000);

  expect(Math.round(aged)).toBe(55);
  expect(await healing.explain()).toContain(
    "Master a is replaced, with new certificates (its certificates are good until",
  );
  expect(["b", "c"].map((name) => memberOf(after, name).instanceId)).toEqual(
    ["b", "c"].map((name) => memberOf(before, name).instanceId),
  );
  expect(await healing.memberIds()).toEqual(ids);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "certificates")).toBe("old");
  const renewed = await eventually(
    () => daysLeft(scenario, "a"),
    (days) => days > 60,
    120_000,
  );
  expect(Math.round(renewed)).toBe(365);
});

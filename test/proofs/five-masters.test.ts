import { expect, test } from "vitest";
import { startScenario } from "../support/scenario.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";

test("five masters over three zones follow one leader", async () => {
  await using scenario = await startScenario();
  const shape = ["--master-count", "5", "--master-zones", ZONES, "--zones", ZONES, "five.example.com"];

  const { code, stdout } = await scenario.holdfast("create", "cluster", ...shape, "--yes", "--wait", "-o", "json");

  expect(code).toBe(0);
  const { members, quorum } = JSON.parse(stdout);
  expect(quorum).toMatchObject({ size: 5, healthy: 5, needed: 3 });
  expect(members.map(({ zone }: { zone: string }) => zone)).toEqual([
    "us-west-2a",
    "us-west-2b",
    "us-west-2c",
    "us-west-2a",
    "us-west-2b",
  ]);
});

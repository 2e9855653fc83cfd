import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord } from "../../../test/support/steps/records.ts";
import { roomyAccount } from "../../../test/support/steps/roomy-account.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { AccessMissing, SpecRejected } from "../../domain/cluster/errors.ts";
import { planRequest } from "./plan-request.ts";

const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];

function deps(more: object = {}) {
  const calls = {
    ...roomyAccount(ZONES),
    listZones: async () => ZONES,
    findImages: async () => [],
    findHostedZones: async () => [],
    findRecords: async () => [],
    ...more,
  };
  return { store: new MemoryStore(clusterRecord()), env: {}, clock: new TestClock(), aws: calls };
}

async function refusedFlags(given: readonly (readonly [string, string])[], more: object = {}): Promise<string[]> {
  const flags = given.map(([flag, value]) => ({ flag, value }));
  const refused = await planRequest(deps(more), { flags }, async () => undefined).catch((error: unknown) => error);
  if (!(refused instanceof SpecRejected)) throw refused;
  return refused.problems.map(({ flag, value }) => `${flag} ${value}`);
}

const WRONG = [
  ["NAME", "ha"],
  ["--zones", "us-west-2a,us-west-2z"],
  ["--master-count", "2"],
  ["--bogus", "x"],
  ["--vpc", "vpc-1"],
  ["--image", "ami-12345678"],
] as const;

test("unknown flags, the spec's problems and the account's are in one answer, an unknown zone once", async () => {
  expect(await refusedFlags(WRONG)).toEqual([
    "--bogus x",
    "--vpc vpc-1",
    "--master-count 2",
    "--zones us-west-2z",
    "--image ami-12345678",
  ]);
});

test("quotas are in it, where the spec can be planned", async () => {
  const none = { readLimit: async () => 0 };

  const found = await refusedFlags(
    [
      ["NAME", "ha"],
      ["--zones", "us-west-2a"],
      ["--bastion", "true"],
    ],
    none,
  );

  expect(found).toEqual(expect.arrayContaining(["--bastion true", "--name ha", "--node-count 1"]));
});

test("an account that may not be read hides nothing of what is wrong with the spec", async () => {
  const denied = {
    listMachines: async () => {
      throw new AccessMissing("denied");
    },
  };

  expect(await refusedFlags(WRONG, denied)).toEqual(["--bogus x", "--vpc vpc-1", "--master-count 2"]);
});

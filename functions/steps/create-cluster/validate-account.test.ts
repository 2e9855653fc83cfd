import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { roomyAccount } from "../../../test/support/steps/roomy-account.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { DefaultVpcMissing, LeaseLost, NotReadyYet, SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { validateAccount } from "./validate-account.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
const NOW = "2026-11-29T12:00:00.000Z";

/** A cluster that is about to be made, in an account that has what it takes. */
function newStage(change: Partial<ClusterRecord> = {}) {
  const {
    network: _,
    endpoint: __,
    images: ___,
    ...bare
  } = clusterRecord({ status: "CREATING", operation: "create-1" });
  const asked: string[] = [];
  const account = roomyAccount(ZONES);
  const aws = {
    requireZoneGroups: async (_: unknown, __: string, zone: string) => void asked.push(`groups in ${zone}`),
    ...account,
    listMachines: (types: readonly string[]) => {
      asked.push("machines");
      return account.listMachines(types);
    },
  };
  return { store: new MemoryStore({ ...bare, ...change }), aws, asked };
}

test("what the spec's words stand for is pinned, and the masters are named", async () => {
  const stage = newStage();

  expect(await run(validateAccount, stage, INPUT)).toEqual({ members: ["a", "b", "c"], takeover: false });
  expect((await stage.store.getCluster(NAME)).images).toEqual({ masters: "ami-newest", nodes: "ami-newest" });
  expect(stage.asked[0]).toBe("groups in us-west-2a");
});

test("what was pinned stays pinned, however often it runs", async () => {
  const images = { masters: "ami-old", nodes: "ami-old" };
  const stage = newStage({ images });

  await run(validateAccount, stage, INPUT);

  expect((await stage.store.getCluster(NAME)).images).toEqual(images);
});

test("what the request has found a moment ago is not asked again", async () => {
  const stage = newStage({ createdAt: NOW, images: { masters: "ami-1", nodes: "ami-1" } });

  await run(validateAccount, stage, INPUT);

  expect(stage.asked).not.toContain("machines");
});

test("but a name that is taken since then is refused", async () => {
  const stage = newStage({ createdAt: NOW, images: { masters: "ami-1", nodes: "ami-1" } });
  const findNameConflicts = async () => [{ id: "sg-kops", type: "security-group", uid: undefined }];

  await expect(run(validateAccount, { ...stage, aws: { ...stage.aws, findNameConflicts } }, INPUT)).rejects.toThrow(
    SpecRejected,
  );
});

test("a Region without a default VPC that needs one ends it before anything is asked", async () => {
  const stage = newStage();
  const requireZoneGroups = async () => Promise.reject(new DefaultVpcMissing("no default VPC"));

  await expect(run(validateAccount, { ...stage, aws: { ...stage.aws, requireZoneGroups } }, INPUT)).rejects.toThrow(
    DefaultVpcMissing,
  );
  expect(stage.asked).toEqual([]);
});

test("a step of a former run that is still at work is waited for", async () => {
  const stage = newStage();
  const step = { name: "Create network", member: null, status: "RUNNING", finishedAt: null, message: null } as const;
  const steps = { "Create network": { ...step, startedAt: "2026-11-29T11:59:55.000Z" } };
  stage.store.operations.set(
    "create-0",
    operationRecord("create", { id: "create-0", status: "FAILED", finishedAt: NOW, steps }),
  );

  await expect(run(validateAccount, stage, INPUT)).rejects.toThrow(NotReadyYet);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(validateAccount, newStage, INPUT);
});

test("an operation that no longer holds the cluster pins nothing", async () => {
  await expect(run(validateAccount, newStage({ operation: "delete-1" }), INPUT)).rejects.toThrow(LeaseLost);
});

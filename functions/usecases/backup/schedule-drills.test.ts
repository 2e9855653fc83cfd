import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord, UID } from "../../../test/support/steps/records.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import type { InstanceFacts } from "../../aws/ec2/compute.ts";
import { NO_BACKUPS } from "../../domain/backup/backup-records.ts";
import { ownerTags } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, type OperationRecord, ownerOf } from "../../domain/cluster/records.ts";
import { DrillRun, scheduleDrills } from "./schedule-drills.ts";

const NOW = new Date("2026-11-29T12:00:00.000Z");
const OLD = "2026-10-01T12:00:00.000Z";
const FACTS = { ...NO_BACKUPS, lastOkId: "2026-11-29T115900Z-4f1c" };

class Stage {
  readonly started: string[] = [];
  readonly ended: string[] = [];
  readonly store: MemoryStore;
  readonly cluster: ClusterRecord;
  readonly run: DrillRun;

  constructor({
    cluster = {},
    hosts = [],
    operation,
  }: {
    readonly cluster?: Partial<ClusterRecord>;
    readonly hosts?: readonly InstanceFacts[];
    readonly operation?: OperationRecord;
  }) {
    this.cluster = clusterRecord({ createdAt: OLD, backup: FACTS, ...cluster });
    this.store = new MemoryStore(this.cluster, [], operation ? [operation] : []);
    this.store.notes.set("drill-1", { backup: "2026-11-29T115900Z-4f1c" });
    const operations = new Map(operation ? [[operation.id, operation]] : []);
    this.run = new DrillRun({ machine: "arn:drill", hosts, operations });
  }

  async look(cluster = this.cluster): Promise<void> {
    const aws = {
      publish: async () => {},
      startExecution: async (_: string, name: string) => {
        this.started.push(name);
        return "started" as const;
      },
      terminateInstance: async ({ id }: { readonly id: string }) => void this.ended.push(id),
    };
    await scheduleDrills({ store: this.store, aws, clock: new TestClock(), env: {} }, this.run, cluster, NOW);
  }
}

/** A host of the drill `drill-1` that must be gone by then. */
function host(expires: string, change: Readonly<Record<string, string>> = {}): InstanceFacts {
  const tags = ownerTags(ownerOf(clusterRecord()), "drill/1", { "holdfast:expires": expires, ...change });
  return { instanceId: "i-drill", state: "running", zone: "us-west-2a", launchedAt: 0, tags };
}

const RUNNING = operationRecord("drill");

test("1.8: what is due is started under the name of its week", async () => {
  const stage = new Stage({});

  await stage.look();

  expect(stage.started).toEqual([expect.stringMatching(new RegExp(`^drill-${UID}-\\d+$`))]);
});

test("an upgrade, after which all clusters are due, starts ten a minute", async () => {
  const stage = new Stage({});

  for (let cluster = 0; cluster < 30; cluster++) await stage.look();

  expect(stage.started.length).toBe(10);
});

test("nothing is started for a cluster that is deleted, or wants none", async () => {
  const off = clusterRecord({ createdAt: OLD, backup: FACTS }, { "--drill": "off" });
  for (const cluster of [{ status: "DELETING" as const }, { spec: off.spec }]) {
    const stage = new Stage({ cluster });
    await stage.look();
    expect(stage.started).toEqual([]);
  }
});

test("13: a host whose time is over is ended, and its drill has failed; the cluster's status stays", async () => {
  const stage = new Stage({ hosts: [host("2026-11-29T11:59:59.000Z")], operation: RUNNING });

  await stage.look();

  expect(stage.ended).toEqual(["i-drill"]);
  expect(await stage.store.getOperation("drill-1")).toMatchObject({
    status: "FAILED",
    error: { name: "DrillFailed", message: "its host i-drill was still there after 30 minutes, and was ended" },
  });
  expect(stage.store.eventTypes()).toEqual(["drill-failed"]);
  const { status, backup } = await stage.store.getCluster(NAME);
  expect([status, backup?.lastDrillError]).toEqual(["ACTIVE", expect.stringContaining("still there")]);
});

test("13: a host whose time is not over, one of another cluster, and one with forged tags are left", async () => {
  const hosts = [
    host("2026-11-29T12:10:00.000Z"),
    host("2026-11-29T11:00:00.000Z", { "holdfast:uid": "another" }),
    host("2026-11-29T11:00:00.000Z", { "holdfast:cluster": "another.example.com" }),
    host("never"),
  ];
  const stage = new Stage({ hosts, operation: RUNNING });

  await stage.look();

  expect([stage.ended, stage.store.eventTypes()]).toEqual([[], []]);
});

test("13: a drill whose execution died without a host has failed once its lease is over", async () => {
  const facts = { ...FACTS, drillOperation: "drill-1", lastDrillTriedAt: NOW.toISOString() };
  const dead = new Stage({ cluster: { backup: facts }, operation: { ...RUNNING, leaseUntil: NOW.getTime() - 1 } });
  const alive = new Stage({ cluster: { backup: facts }, operation: RUNNING });

  await dead.look();
  await alive.look();

  expect(await dead.store.getOperation("drill-1")).toMatchObject({
    status: "FAILED",
    error: { message: "it stopped without a result" },
  });
  expect((await dead.store.getCluster(NAME)).backup?.drillOperation).toBeNull();
  expect((await alive.store.getOperation("drill-1")).status).toBe("RUNNING");
});

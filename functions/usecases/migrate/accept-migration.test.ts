import { expect, test } from "vitest";
import { memberReport } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { roomyAccount } from "../../../test/support/steps/roomy-account.ts";
import { run } from "../../../test/support/steps/stage.ts";
import { ClusterBusy, ClusterUnknown, SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { acceptMigration, type acceptMigrationCalls, type MigrationRequest } from "./accept-migration.ts";
import { checkMigration } from "./check-migration.ts";

const [A, B, C, D] = ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"] as const;
const CLAIM = { key: "111122223333#k", requestHash: "h" };
const ENV = { MEMBER_HEALTH_DOCUMENT: "holdfast-member-health", MIGRATE_STATE_MACHINE: "arn:migrate" };
const REQUEST: MigrationRequest = {
  cluster: NAME,
  asked: { masterZones: [A, B, C], noRoll: false },
  claim: undefined,
  by: { principal: "iam:alice", authMethod: "iam", sourceIp: "192.0.2.1", userAgent: "test" },
  admit: () => {},
};

/** Of the master whose instance it is: volume and all as recorded. */
function reportOf(instanceId: string): string {
  const member = instanceId.slice("i-".length);
  return memberReport(member, { volume: `vol-${member}` });
}

interface Given {
  readonly change?: Partial<ClusterRecord>;
  readonly flags?: Readonly<Record<string, string>>;
  readonly operations?: readonly OperationRecord[];
  /** Of the masters' instances. */
  readonly type?: string;
  /** What the masters' hosts say. */
  readonly says?: (instanceId: string) => string;
}

/** A cluster with one master, in the first of three zones. */
function newStage({ change = {}, flags = {}, operations = [], type = "t3.medium", says = reportOf }: Given = {}) {
  const executions = new Map<string, unknown>();
  const cluster = clusterRecord(change, { "--master-count": "1", ...flags });
  const members = cluster.plan.members.map(({ name }) => memberRecord(name));
  const aws = {
    ...roomyAccount([A, B, C, D]),
    findInstances: async (ids: readonly string[]) =>
      ids.map((instanceId) => ({ instanceId, type, state: "running", zone: A, launchedAt: 0, tags: {} })),
    listForeignBlocks: async () => [] as string[],
    listVpcBlocks: async () => [cluster.spec.networkCidr],
    askHosts: async (_: string, instanceIds: readonly string[]) =>
      instanceIds.map((instanceId) => ({ instanceId, status: "Success", ok: true, output: says(instanceId) })),
    startExecution: async (arn: string, name: string, input: unknown) => {
      const known = executions.has(name);
      executions.set(name, [arn, input]);
      return known ? ("known" as const) : ("started" as const);
    },
  };
  return { store: new MemoryStore(cluster, members, operations), aws, executions, env: ENV };
}

function ask(stage: ReturnType<typeof newStage>, change: Partial<MigrationRequest> = {}) {
  return run(
    (deps: Deps<typeof acceptMigrationCalls, typeof ENV>, request: MigrationRequest) => acceptMigration(deps, request),
    stage,
    { ...REQUEST, ...change },
  );
}

async function problemsOf(asking: Promise<unknown>): Promise<string[]> {
  const error = await asking.then(() => undefined).catch((each: unknown) => each);
  if (!(error instanceof SpecRejected)) throw error;
  return error.problems.map(({ message }) => message);
}

test("it takes the cluster, writes the migration down, and starts the flow under the operation's name", async () => {
  const stage = newStage();

  const operation = await ask(stage, { asked: { masterZones: [A, B, C], noRoll: true } });

  expect(operation).toMatchObject({ kind: "migrate", status: "RUNNING" });
  expect([...stage.executions]).toEqual([
    [operation?.id, ["arn:migrate", { cluster: NAME, operation: operation?.id }]],
  ]);
  const { status, reason, migration, spec } = await stage.store.getCluster(NAME);
  expect(status).toBe("UPDATING");
  expect(reason).toBe(`Masters are being migrated to ${A}, ${B}, ${C}.`);
  expect(migration).toEqual({
    from: [A],
    to: [A, B, C],
    changes: [
      { change: "grow", slot: "b", zone: B },
      { change: "grow", slot: "c", zone: C },
    ],
    done: [],
    current: null,
    noRoll: true,
  });
  // Zones of the spec follow as masters come and go.
  expect(spec.masterZones).toEqual([A]);
  expect(stage.store.eventTypes()).toEqual(["migrate-requested"]);
});

test("another size is the cluster's from now on", async () => {
  const stage = newStage();

  await ask(stage, { asked: { masterZones: [A, B, C], masterSize: "m5.large", noRoll: false } });

  const { migration, spec } = await stage.store.getCluster(NAME);
  expect([migration?.masterSize, spec.masterSize]).toEqual(["m5.large", "m5.large"]);
});

test("masters that are there already are no operation", async () => {
  const stage = newStage({ flags: { "--master-count": "3" } });

  expect(await ask(stage, { asked: { masterZones: [C, A, B], noRoll: false } })).toBeUndefined();
  expect(stage.executions.size).toBe(0);
});

test("the same request sent again is the same operation, and starts it if whoever took the cluster died before that", async () => {
  const stage = newStage();
  const dying = async () => Promise.reject(new Error("dead"));
  await expect(ask({ ...stage, aws: { ...stage.aws, startExecution: dying } }, { claim: CLAIM })).rejects.toThrow(
    "dead",
  );

  const again = await ask(stage, { claim: CLAIM });

  expect(again?.id).toBe((await stage.store.getCluster(NAME)).operation);
  expect([...stage.executions.keys()]).toEqual([again?.id]);
});

test("one that stopped is continued with what it has done; a request for other zones is refused", async () => {
  const done = [{ change: "grow" as const, slot: "b", zone: B }];
  const migration = { from: [A], to: [A, B, C], done, current: null, noRoll: false };
  const stage = newStage({ change: { migration } });

  expect(await problemsOf(ask(stage, { asked: { masterZones: [A, B, D], noRoll: false } }))).toEqual([
    `NAME: a migration to ${A},${B},${C} has begun and is not complete; request that one again`,
  ]);
  const checking = (deps: Deps<typeof acceptMigrationCalls, typeof ENV>) => checkMigration(deps, NAME, REQUEST.asked);
  const { plan } = await run(checking, stage, undefined);
  await ask(stage);

  expect(plan.from).toEqual([A]);
  expect(plan.warnings).toContain("it has begun and is not complete: these changes are left, and --yes continues it");
  expect((await stage.store.getCluster(NAME)).migration?.done).toEqual(done);
  expect(stage.store.eventTypes()).toEqual(["migrate-resumed"]);
});

test("all that is in the way is in one answer", async () => {
  const stage = newStage({ flags: { "--zones": A, "--network-cidr": "192.168.0.0/16" }, says: () => "" });
  const account = {
    listZones: async () => [A, B, C, D],
    readLimit: async () => 2,
    usageOf: () => ({ ...roomyAccount([]).usageOf(), elasticIps: async () => 1 }),
  };

  const problems = await problemsOf(
    ask(
      { ...stage, aws: { ...stage.aws, ...account } },
      { asked: { masterZones: [A, B, "us-west-2z"], noRoll: false } },
    ),
  );

  expect(problems).toEqual([
    expect.stringContaining("has masters that are not healthy: a"),
    expect.stringContaining(
      "has no room for a public subnet in us-west-2b: a block of 256 addresses is needed, 0 are free",
    ),
    expect.stringContaining('"us-west-2z" is not a zone of this account'),
    expect.stringContaining("needs 3 Elastic IPs, 1 of 2 are free"),
    expect.stringContaining("needs"),
  ]);
});

test.each([
  ["an even number", [A, B], "--master-zones: an even number of masters (2) is refused"],
  ["another region", [A, B, "eu-west-1a"], "all zones of a cluster are in one region"],
  ["no zone", [A, B, "somewhere"], "is not an availability zone"],
])("%s is refused", async (_, masterZones, message) => {
  const [problem] = await problemsOf(ask(newStage(), { asked: { masterZones, noRoll: false } }));

  expect(problem).toContain(message);
});

test("18: another size, with the zones as they are, replaces each master in its zone, the leader last", async () => {
  const stage = newStage({ flags: { "--master-count": "3" }, change: { leader: "a" } });
  const asked = { masterZones: [A, B, C], masterSize: "m5.large", noRoll: false };

  await ask(stage, { asked });

  const { migration, spec } = await stage.store.getCluster(NAME);
  expect(spec.masterSize).toBe("m5.large");
  expect(migration?.changes).toEqual([
    { change: "swap", slot: "d", zone: B, replaces: "b" },
    { change: "swap", slot: "e", zone: C, replaces: "c" },
    { change: "swap", slot: "f", zone: A, replaces: "a" },
  ]);
});

test("18: a size that an update gave is brought to the masters that do not have it", async () => {
  const flags = { "--master-count": "3", "--master-size": "m5.large" };
  const asked = { masterZones: [A, B, C], masterSize: "m5.large", noRoll: false };

  const stage = newStage({ flags });
  await ask(stage, { asked });

  expect((await stage.store.getCluster(NAME)).migration?.changes).toHaveLength(3);
  expect(await ask(newStage({ flags, type: "m5.large" }), { asked })).toBeUndefined();
});

test("a size that all masters have is an update's, which is named", async () => {
  const asked = { masterZones: [A], masterSize: "m5.large", noRoll: false };

  expect(await problemsOf(ask(newStage({ type: "m5.large" }), { asked }))).toEqual([
    `--master-size: the masters are in these zones already; \`holdfast update cluster ${NAME} --master-size m5.large\` changes their size`,
  ]);
});

test("a cluster that another operation holds, or that is gone, is not migrated", async () => {
  const held = newStage({
    change: { operation: "repair-1", status: "REPAIRING" },
    operations: [operationRecord("repair")],
  });

  await expect(ask(held)).rejects.toThrow(ClusterBusy);
  await expect(ask(newStage({ change: { status: "DELETED" } }))).rejects.toThrow(ClusterUnknown);
});

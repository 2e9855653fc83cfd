import { describe, expect, test } from "vitest";
import { Account } from "../../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { TestClock } from "../../../../test/support/steps/test-clock.ts";
import { NO_BACKUPS } from "../../../domain/backup/backup-records.ts";
import {
  BackupFailed,
  CatchUpFailed,
  NotReadyYet,
  QuotaReached,
  ZoneUnavailable,
} from "../../../domain/cluster/errors.ts";
import type { ClusterRecord, MemberRecord } from "../../../domain/cluster/records.ts";
import type { Migration } from "../../../domain/migrate/migration-records.ts";
import { addLearners } from "./add-learners.ts";
import { admitMembers } from "./admit-members.ts";
import { assessMigration, checkBackupTaken } from "./assess-migration.ts";
import { awaitLaunch } from "./await-launch.ts";
import { backOut } from "./back-out.ts";
import { completeChanges, finishMigration } from "./complete-changes.ts";
import { enlistMembers } from "./enlist-members.ts";
import { promoteMembers } from "./promote-members.ts";
import { removeMembers } from "./remove-members.ts";

const OPERATION = "migrate-1";
const INPUT = { cluster: NAME, operation: OPERATION };
const NOW = "2026-11-29T12:00:00.000Z";
const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;
const env = {
  LIST_MEMBERS_DOCUMENT: "list-members",
  ADD_LEARNERS_DOCUMENT: "add-learners",
  MEMBER_PROGRESS_DOCUMENT: "member-progress",
  CHANGE_VOTERS_DOCUMENT: "change-voters",
  MEMBER_HEALTH_DOCUMENT: "member-health",
  REMOVE_LEARNER_DOCUMENT: "remove-learner",
  FORGET_NODES_DOCUMENT: "forget-nodes",
};

function migrationOf(change: Partial<Migration> = {}): Migration {
  return {
    from: [A],
    to: [A, B, C],
    changes: [
      { change: "grow", slot: "b", zone: B },
      { change: "grow", slot: "c", zone: C },
    ],
    done: [],
    current: null,
    noRoll: false,
    backup: "2026-11-29T115500Z-0000",
    maxLearners: 2,
    provided: [B, C],
    ...change,
  };
}

const THREE = ["a", "b", "c"].map((name, index) => ({
  name,
  zone: [A, B, C][index] ?? "",
  subnet: [A, B, C][index] ?? "",
  address: `10.0.${index}.10`,
}));

/** Masters of these slots are in the plan; the cluster is in the middle of a migration. */
function migrating(slots: string, change: Partial<Migration> = {}, more: Partial<ClusterRecord> = {}): ClusterRecord {
  const base = clusterRecord({ status: "UPDATING", operation: OPERATION }, { "--master-count": "1" });
  const members = THREE.filter(({ name }) => slots.includes(name));
  return { ...base, plan: { ...base.plan, members }, migration: migrationOf(change), ...more };
}

function joining(member: string, change: Partial<MemberRecord> = {}): MemberRecord {
  return memberRecord(member, { health: "pending", generation: 2, migrating: "joining", ...change });
}

/** Each host says its own member's name. */
function of(instanceId: string, output: string): string {
  return output.replaceAll('"member":"a"', `"member":"${instanceId.slice(2)}"`);
}

/** A cluster, its members, and hosts that say these texts to documents. */
function newStage(
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
  said: Readonly<Record<string, string>> = {},
) {
  const account = new Account(cluster, members);
  account.host = ({ document, instanceId }) => {
    const output = said[`${document} ${instanceId}`] ?? said[document];
    return output === undefined ? { ok: false, output: "no such host" } : { ok: true, output: of(instanceId, output) };
  };
  const store = new MemoryStore(cluster, members, [operationRecord("migrate", { id: OPERATION })]);
  return { store, account, aws: account.calls as never, env };
}

/** `etcdctl member list`: capitals are voters, small letters learners. */
function listed(text: string): string {
  const lines = [...text].map((letter, index) => {
    const name = letter.toLowerCase();
    const address = THREE.find((member) => member.name === name)?.address;
    return `${index + 1}f, started, ${name}, https://${address}:2380, https://${address}:2379, ${letter === name}`;
  });
  return [...lines, "max-learners 2", ""].join("\n");
}

function health(change: object = {}): string {
  const status = [{ Endpoint: "x", Status: { header: { cluster_id: 1, member_id: 2, raft_term: 3 }, leader: 2 } }];
  return JSON.stringify({ member: "a", healthy: true, status, boot: "done", apiServer: true, ...change });
}

/** Four looks at the leader, at 1,000 entries, and at learners that have applied so many. */
function progress(applied: Readonly<Record<string, number>>): string {
  const status = (address: string, id: number, index: number, isLearner: boolean) => ({
    Endpoint: `https://${address}:2379`,
    Status: { header: { member_id: id }, leader: 1, raftAppliedIndex: index, isLearner, dbSize: 20_971_520 },
  });
  const learners = Object.entries(applied).map(([slot, index], position) =>
    status(THREE.find(({ name }) => name === slot)?.address ?? "", position + 2, index, true),
  );
  const line = JSON.stringify([status("10.0.0.10", 1, 1_000, false), ...learners]);
  return `${line}\n`.repeat(4);
}

describe("Assess migration", () => {
  test("what comes next is written down, with all changes and what etcd allows", async () => {
    const { changes: _, maxLearners: __, ...migration } = migrationOf();
    const stage = newStage({ ...migrating("a"), migration }, [memberRecord("a")], { "list-members": listed("A") });

    const next = await run(assessMigration, stage, INPUT);

    expect(next).toMatchObject({ kind: "prepare", slots: ["b", "c"] });
    expect(stage.store.clusters.get(NAME)?.migration).toMatchObject({
      changes: [
        { change: "grow", slot: "b", zone: B },
        { change: "grow", slot: "c", zone: C },
      ],
      maxLearners: 2,
      current: { slot: "b, c", phase: "prepare" },
    });
  });

  test("letters of slots that were removed are not taken again", async () => {
    const { changes: _, ...migration } = migrationOf();
    const cluster = { ...migrating("a"), migration, retiredSlots: ["b", "c"] };
    const stage = newStage(cluster, [memberRecord("a")], { "list-members": listed("A") });

    expect(await run(assessMigration, stage, INPUT)).toMatchObject({ slots: ["d", "e"] });
  });

  test("etcd's own list says who votes, whatever the records say", async () => {
    const members = [
      memberRecord("a"),
      joining("b", { usedVolumeId: "vol-b" }),
      joining("c", { usedVolumeId: "vol-c" }),
    ];
    const learners = newStage(migrating("abc"), members, { "list-members": listed("Abc") });
    const half = newStage(migrating("abc"), members, { "list-members": listed("ABc") });

    expect(await run(assessMigration, learners, INPUT)).toMatchObject({ kind: "promote", slots: ["b", "c"] });
    expect(await run(assessMigration, half, INPUT)).toMatchObject({ kind: "promote", slots: ["c"] });
  });

  test("the old master is lost between the votes: it comes back with its volume, whatever etcd answers", async () => {
    const members = [memberRecord("a"), memberRecord("b"), joining("c", { usedVolumeId: "vol-c" })];
    const stage = newStage(migrating("abc"), members);
    stage.account.end("i-a");

    expect(await run(assessMigration, stage, INPUT)).toMatchObject({ kind: "heal", slots: ["a"] });
    expect(stage.store.member("a")).toMatchObject({ health: "unhealthy" });
  });

  test("a learner that runs and is placed again is not taken for lost, as its own answer might have it", async () => {
    const observedAt = "2026-11-29T11:59:50.000Z";
    const members = [memberRecord("a"), joining("b", { health: "unhealthy", observedAt })];
    const one = { changes: [{ change: "grow" as const, slot: "b", zone: B }] };
    const alone = newStage(migrating("ab", one), members, { "list-members": listed("Ab") });

    expect(await run(assessMigration, alone, INPUT)).toMatchObject({ kind: "place", slots: ["b"] });
    expect(alone.store.member("b")).toMatchObject({ health: "pending" });
  });

  test("an instance on its way into service past the launch hook is placed", async () => {
    const one = { changes: [{ change: "grow" as const, slot: "b", zone: B }] };
    const members = [memberRecord("a"), joining("b", { usedVolumeId: "vol-b" })];
    const stage = newStage(migrating("ab", one), members, { "list-members": listed("Ab") });
    stage.account.changeGroup("b", {
      instances: [{ instanceId: "i-b", lifecycleState: "Pending:Proceed", healthy: true }],
    });

    expect(await run(assessMigration, stage, INPUT)).toMatchObject({ kind: "promote", slots: ["b"] });
  });

  test("while nobody answers it waits", async () => {
    const stage = newStage(migrating("a"), [memberRecord("a")]);

    await expect(run(assessMigration, stage, INPUT)).rejects.toThrow(NotReadyYet);
  });

  test("a backup that was verified a moment ago is enough, an older one is not", async () => {
    const { backup: _, ...migration } = migrationOf();
    const facts = (lastVerifiedAt: string) => ({
      ...NO_BACKUPS,
      ...{ lastVerifiedId: "b-1", lastVerifiedAt, lastError: "the disk is full" },
    });
    const said = { "list-members": listed("A") };
    const fresh = newStage(
      { ...migrating("a"), migration, backup: facts("2026-11-29T11:50:00Z") },
      [memberRecord("a")],
      said,
    );
    const old = newStage(
      { ...migrating("a"), migration, backup: facts("2026-11-29T11:40:00Z") },
      [memberRecord("a")],
      said,
    );
    const clock = () => new TestClock();

    expect(await run(assessMigration, fresh, INPUT, { clock: clock() })).toMatchObject({ kind: "prepare" });
    expect(fresh.store.clusters.get(NAME)?.migration).toMatchObject({ backup: "b-1" });
    expect(await run(assessMigration, old, INPUT, { clock: clock() })).toMatchObject({ kind: "backup" });
    await expect(run(checkBackupTaken, old, INPUT, { clock: clock() })).rejects.toThrow(BackupFailed);
  });
});

describe("Enlist members", () => {
  const newEnlist = () => {
    const interfaces = new Map<string, string>();
    const stage = newStage(migrating("a"), [memberRecord("a")]);
    const aws = {
      ensureInterface: async (_: unknown, { member }: { readonly member: string }) => {
        interfaces.set(member, `eni-${member}`);
        return { interfaceId: `eni-${member}`, address: `10.0.${member === "b" ? 1 : 2}.10` };
      },
      ensureMemberAddress: async (_: unknown, { member }: { readonly member: string }) => `eipalloc-${member}`,
    };
    return { ...stage, aws: aws as never, made: interfaces };
  };
  const input = { ...INPUT, slots: ["b", "c"] };

  test("new slots are in the plan at the address that EC2 gave, as members that join", async () => {
    const stage = newEnlist();

    await run(enlistMembers, stage, input);

    expect(
      stage.store.clusters.get(NAME)?.plan.members.map(({ name, zone, address }) => [name, zone, address]),
    ).toEqual([
      ["a", A, "10.0.0.10"],
      ["b", B, "10.0.1.10"],
      ["c", C, "10.0.2.10"],
    ]);
    expect(stage.store.member("b")).toMatchObject({ migrating: "joining", generation: 2, interfaceId: "eni-b" });
  });

  test("it may die anywhere, and run again", () => expectRepeatable(enlistMembers, newEnlist, input));
});

describe("Await launch", () => {
  const noCapacity = "We currently do not have sufficient t3.medium capacity in the Availability Zone you requested";
  const newLaunch = (state: string, message?: string, fallbacks: readonly string[] = []) => {
    const cluster = migrating("ab");
    const spec = { ...cluster.spec, masterSizeFallbacks: [...fallbacks] };
    const stage = newStage({ ...cluster, spec }, [memberRecord("a"), joining("b", { instanceId: null })]);
    if (state !== "none") stage.account.launch("b", "i-b", state);
    const types: string[] = [];
    const failure = { begunAt: 0 };
    const aws = {
      ...stage.account.calls,
      setTemplateType: async (_: unknown, __: string, type: string) => void types.push(type),
      lastLaunchFailure: async () => (message === undefined ? undefined : { message, ...failure }),
    };
    return { ...stage, aws: aws as never, types, failure };
  };
  const input = { ...INPUT, member: "b" };
  const waited = (minutes: number) => ({
    begun: { ...AGAIN, waitsSince: new Date(Date.parse(NOW) - minutes * 60_000).toISOString() },
    clock: new TestClock(),
  });

  test("an instance that runs is proof of capacity, one that is pending is not", async () => {
    await run(awaitLaunch, newLaunch("running"), input);
    await expect(run(awaitLaunch, newLaunch("pending"), input)).rejects.toThrow(NotReadyYet);
  });

  test("a zone without capacity is named, and given up after two minutes", async () => {
    await expect(run(awaitLaunch, newLaunch("none", noCapacity), input, waited(1))).rejects.toThrow(NotReadyYet);
    const late = run(awaitLaunch, newLaunch("none", noCapacity), input, waited(3));
    await expect(late).rejects.toThrow(ZoneUnavailable);
    await expect(late).rejects.toThrow("us-west-2b launches no");
  });

  test("18: without capacity the spec's other types are tried in turn, each once, before the zone is given up", async () => {
    const stage = newLaunch("none", noCapacity, ["m5.large", "m5a.large"]);
    const attempt = (minutes: number) => run(awaitLaunch, stage, input, waited(minutes));

    await expect(attempt(3)).rejects.toThrow("m5.large is tried");
    await expect(attempt(3)).rejects.toThrow(NotReadyYet);
    stage.failure.begunAt = Date.parse(NOW) + 60_000;
    await expect(attempt(4)).rejects.toThrow("m5a.large is tried");
    stage.failure.begunAt = Date.parse(NOW) + 600_000;
    await expect(attempt(5)).rejects.toThrow(
      "us-west-2b launches no t3.medium and no m5.large and no m5a.large for master b",
    );

    expect(stage.types).toEqual(["m5.large", "m5a.large"]);
    expect(stage.store.member("b")?.size?.type).toBe("m5a.large");
    expect(stage.store.eventTypes()).toContain("size-changed");
  });

  test("a quota that is used up ends it at once", async () => {
    const message = "You have requested more vCPU capacity than your current vCPU limit of 5 allows";
    await expect(run(awaitLaunch, newLaunch("none", message), input)).rejects.toThrow(QuotaReached);
  });
});

test("Add learners: etcd hears of both at once", async () => {
  const stage = newStage(migrating("abc"), [memberRecord("a"), joining("b"), joining("c")], { "add-learners": "" });

  await run(addLearners, stage, { ...INPUT, slots: ["b", "c"] });

  expect(stage.account.commands).toMatchObject([
    { instanceId: "i-a", parameters: { learners: ["b=https://10.0.1.10:2380 c=https://10.0.2.10:2380"] } },
  ]);
});

describe("Promote members", () => {
  const input = { ...INPUT, slots: ["b", "c"], removes: [] };
  const newPromote = (said: Readonly<Record<string, string>>, change: Partial<Migration> = {}) => {
    const stage = newStage(migrating("abc", change), [memberRecord("a"), joining("b"), joining("c")], said);
    const templates = new Map<string, string>();
    const readdressTemplate = async (_: unknown, name: string, edit: (text: string) => string) =>
      void templates.set(name, edit("#!/bin/bash\nINITIAL_CLUSTER='a=x'\n"));
    return { ...stage, aws: { ...stage.account.calls, readdressTemplate } as never, made: templates };
  };
  const level = { "member-progress": progress({ b: 1_000, c: 990 }), "member-health": health() };

  test("both vote by one command, once both have caught up; all templates name all three", async () => {
    const stage = newPromote({ ...level, "change-voters": listed("ABC") });

    await run(promoteMembers, stage, input);

    expect(stage.account.commands.at(-1)).toMatchObject({
      document: "change-voters",
      instanceId: "i-a",
      parameters: {
        promote: ["https://10.0.1.10:2380 https://10.0.2.10:2380"],
        remove: ["-"],
        keeper: ["https://10.0.0.10:2380"],
      },
    });
    expect(stage.store.member("b")).toMatchObject({ migrating: null, health: "healthy" });
    expect([...stage.made.values()]).toHaveLength(3);
    expect([...stage.made.values()][0]).toContain("c=https://10.0.2.10:2380");
    expect(stage.store.eventTypes()).toEqual(["member-promoted", "member-promoted"]);
  });

  test("one that lags keeps both from voting; after ten minutes the migration gives up, with sizes and rates", async () => {
    const lags = { ...level, "member-progress": progress({ b: 1_000, c: 200 }) };
    const stage = newPromote(lags);
    await expect(run(promoteMembers, stage, input, { clock: new TestClock() })).rejects.toThrow("has not caught up");
    expect(stage.store.clusters.get(NAME)?.migration?.learningSince).toBe(Date.parse(NOW));

    const late = newPromote(lags, { learningSince: Date.parse(NOW) - 11 * 60_000 });
    const ended = run(promoteMembers, late, input, { clock: new TestClock() });
    await expect(ended).rejects.toThrow(CatchUpFailed);
    await expect(ended).rejects.toThrow(
      "it has applied 200 of 1000 entries, 0 of them within 3 seconds, and has 20 MiB of 20 MiB",
    );
    expect(late.account.commands.map(({ document }) => document)).not.toContain("change-voters");
  });

  test("nobody votes while the old master is not healthy, or etcd does not list the new voters", async () => {
    const ill = newPromote({ ...level, "member-health": health({ healthy: false }), "change-voters": listed("ABC") });
    await expect(run(promoteMembers, ill, input)).rejects.toThrow("master a is not healthy");
    const half = newPromote({ ...level, "change-voters": listed("ABc") });
    await expect(run(promoteMembers, half, input)).rejects.toThrow(NotReadyYet);
    expect(half.store.member("c")).toMatchObject({ migrating: "joining" });
  });

  test("the only master has left, and its answer was lost: the new one says that it is done", async () => {
    const swap = { changes: [{ change: "swap" as const, slot: "b", zone: B, replaces: "a" }], to: [B] };
    const members = [memberRecord("a", { migrating: "leaving" }), joining("b", { usedVolumeId: "vol-b" })];
    const said = {
      "member-progress i-b": progress({}).replaceAll("10.0.0.10", "10.0.1.10"),
      "change-voters i-b": listed("B"),
      "list-members i-b": listed("B"),
    };
    const stage = newStage(migrating("ab", swap), members, said);
    const aws = {
      ...stage.account.calls,
      readdressTemplate: async () => {},
      tagsOfTargetGroup: async () => ({
        "holdfast:cluster": NAME,
        "holdfast:uid": stage.store.clusters.get(NAME)?.uid ?? "",
        "holdfast:resource": "target-group",
      }),
      deregisterTargets: async () => {},
    };
    const request = { ...INPUT, slots: ["b"], removes: ["a"] };
    const attempt = () => run(promoteMembers, { ...stage, aws: aws as never }, request, { begun: AGAIN });
    for (let tries = 0; tries < 40 && stage.store.member("b")?.migrating !== null; tries++)
      await attempt().catch((error: unknown) => {
        if (!(error instanceof NotReadyYet)) throw error;
      });

    expect(stage.store.member("b")).toMatchObject({ migrating: null, health: "healthy" });
    expect(await run(assessMigration, stage, INPUT, { begun: AGAIN })).toMatchObject({ kind: "admit", slots: ["b"] });
  });

  test("it may die anywhere, and run again", () =>
    expectRepeatable(promoteMembers, () => newPromote({ ...level, "change-voters": listed("ABC") }), input));
});

describe("Remove members", () => {
  const shrinks: Partial<Migration> = {
    changes: [
      { change: "shrink", slot: "b", zone: B },
      { change: "shrink", slot: "c", zone: C },
    ],
  };
  const input = { ...INPUT, slots: ["b", "c"] };
  const newRemove = (said: Readonly<Record<string, string>>) => {
    const three = ["a", "b", "c"].map((name) => memberRecord(name));
    const stage = newStage(migrating("abc", shrinks), three, said);
    const deregistered: string[] = [];
    const aws = {
      ...stage.account.calls,
      readdressTemplate: async () => {},
      tagsOfTargetGroup: async () => ({
        "holdfast:cluster": NAME,
        "holdfast:uid": stage.store.clusters.get(NAME)?.uid ?? "",
        "holdfast:resource": "target-group",
      }),
      deregisterTargets: async (_: unknown, addresses: readonly string[]) => {
        for (const each of addresses) if (!deregistered.includes(each)) deregistered.push(each);
      },
    };
    return { ...stage, aws: aws as never, made: deregistered };
  };
  const whole = { "member-health": health(), "change-voters": listed("A"), "list-members": listed("A") };

  test("they leave by one command on the one that stays, after clients go elsewhere", async () => {
    const stage = newRemove(whole);

    await run(removeMembers, stage, input);

    expect(stage.made).toEqual(["10.0.1.10", "10.0.2.10"]);
    expect(stage.account.commands[0]).toMatchObject({
      instanceId: "i-a",
      parameters: { promote: ["-"], remove: ["https://10.0.1.10:2380 https://10.0.2.10:2380"] },
    });
    expect(stage.store.member("b")).toMatchObject({ migrating: "leaving", health: "unhealthy" });
  });

  test("nobody leaves while one that stays is not healthy", async () => {
    const stage = newRemove({ ...whole, "member-health": health({ healthy: false }) });

    await expect(run(removeMembers, stage, input)).rejects.toThrow("master a is not healthy");
    expect(stage.made).toEqual([]);
    expect(stage.store.member("b")?.migrating).toBeUndefined();
  });

  test("it is not done while a master that stays lists one of them", async () => {
    const stage = newRemove({ ...whole, "list-members": listed("AC") });

    await expect(run(removeMembers, stage, input)).rejects.toThrow("lists b, c in etcd still");
  });

  test("it may die anywhere, and run again", () => expectRepeatable(removeMembers, () => newRemove(whole), input));
});

test("Admit members: not before the API server is up and the load balancer has found it healthy", async () => {
  const three = ["a", "b", "c"].map((name) => memberRecord(name));
  const registered: string[] = [];
  const stage = newStage(migrating("abc"), three, { "member-health": health({ apiServer: false }) });
  let state = "initial";
  const aws = {
    ...stage.account.calls,
    readTargets: async () => registered.map((address) => ({ address, state, reason: null })),
    registerTargets: async (_: unknown, addresses: readonly string[]) => void registered.push(...addresses),
  };
  const admit = () => run(admitMembers, { ...stage, aws: aws as never }, { ...INPUT, slots: ["b", "c"] });

  await expect(admit()).rejects.toThrow("does not serve the API yet");
  expect(registered).toEqual([]);
  stage.account.host = ({ instanceId }) => ({ ok: true, output: of(instanceId, health()) });
  await expect(admit()).rejects.toThrow("has not found 10.0.1.10, 10.0.2.10 healthy yet");
  state = "healthy";
  await admit();

  expect(registered).toEqual(["10.0.1.10", "10.0.2.10"]);
  expect(stage.store.clusters.get(NAME)?.migration?.admitted).toEqual(["b", "c"]);
});

test("Complete changes, Finish migration: plan, spec and quorum are of three; the order of zones is that of the request", async () => {
  const stage = newStage(
    migrating("abc", { to: [C, A, B] }),
    ["a", "b", "c"].map((name) => memberRecord(name)),
  );

  await run(completeChanges, stage, { ...INPUT, slots: ["b", "c"] });
  const done = stage.store.clusters.get(NAME);
  await run(finishMigration, stage, INPUT);
  const finished = stage.store.clusters.get(NAME);

  expect(done?.plan).toMatchObject({ quorum: { size: 3, needed: 2 }, survives: { masters: 1 } });
  expect(done?.plan.resources).toMatchObject({ volumes: 3, instances: 5 });
  expect(done?.migration?.done).toHaveLength(2);
  expect(finished?.spec.masterZones).toEqual([C, A, B]);
  expect(finished?.migration).toBeNull();
});

describe("Back out", () => {
  const newBackOut = (list: string, members: readonly MemberRecord[]) => {
    const stage = newStage(migrating("abc"), members, { "list-members": listed(list), "remove-learner": "" });
    const nothing = async () => [];
    const aws = {
      ...stage.account.calls,
      findOwnGroups: nothing,
      find: { instances: nothing, volumes: nothing, interfaces: nothing, launchTemplates: nothing, addresses: nothing },
      listParameters: nothing,
      deleteParameters: async () => {},
      listProfiles: nothing,
      listRoles: nothing,
    };
    return { ...stage, aws: aws as never };
  };

  test("learners leave etcd, and the cluster is as before; their letters are not used again", async () => {
    const stage = newBackOut("Abc", [memberRecord("a"), joining("b"), joining("c")]);

    expect(await run(backOut, stage, INPUT)).toEqual({ undone: true });

    expect(stage.account.commands.filter(({ document }) => document === "remove-learner")).toHaveLength(2);
    expect(stage.store.clusters.get(NAME)).toMatchObject({ migration: null, retiredSlots: ["b", "c"] });
    expect(stage.store.clusters.get(NAME)?.plan.members.map(({ name }) => name)).toEqual(["a"]);
    expect(stage.store.member("b")).toBeUndefined();
    expect(stage.store.eventTypes()).toEqual(["migration-undone"]);
  });

  test.each([
    [[joining("b")], "Master b is removed again; the others are as before."],
    [[joining("b"), joining("c")], "Masters b, c are removed again; the others are as before."],
  ])("the event names who goes", async (joins, message) => {
    const stage = newBackOut("A", [memberRecord("a"), ...joins]);

    await run(backOut, stage, INPUT);

    expect((await stage.store.listEvents(NAME)).map((event) => event.message)).toEqual([message]);
  });

  test("18: while etcd is silent it is tried again; if a voter lost its instance the migration stays open at once", async () => {
    const silent = (instance: "running" | "terminated") => {
      const stage = newBackOut("AB", [memberRecord("a"), memberRecord("b"), joining("c")]);
      stage.account.host = () => ({ ok: false, output: "" });
      if (instance === "terminated") stage.account.end("i-a");
      return stage;
    };

    await expect(run(backOut, silent("running"), INPUT)).rejects.toThrow(NotReadyYet);
    const lost = silent("terminated");
    expect(await run(backOut, lost, INPUT)).toEqual({ undone: false });
    expect(lost.store.eventTypes()).toEqual(["migration-open"]);
    expect(lost.store.clusters.get(NAME)?.migration).toMatchObject({ to: [A, B, C] });
  });

  test("once one votes nothing is taken back, and the migration stays open", async () => {
    const stage = newBackOut("ABc", [memberRecord("a"), memberRecord("b"), joining("c")]);

    expect(await run(backOut, stage, INPUT)).toEqual({ undone: false });

    expect(stage.store.clusters.get(NAME)?.migration).toMatchObject({ to: [A, B, C] });
    expect(stage.store.member("c")).toMatchObject({ migrating: "joining" });
    expect(stage.store.eventTypes()).toEqual(["migration-open"]);
  });
});

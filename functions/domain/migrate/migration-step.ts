import { type Batch, nextBatch } from "./migration-plan.ts";
import type { Migrating, Migration, MigrationPhase } from "./migration-records.ts";

/** Facts about one slot, just read from its record, from EC2 and from etcd. */
export interface SlotFacts {
  readonly slot: string;
  /** As its record says: a member as any other, one that a migration makes or takes away, or none. */
  readonly record: "full" | Migrating | "none";
  /** Its group exists: volume, interface, certificates and template came before. */
  readonly prepared: boolean;
  /** Its group has an instance that runs. */
  readonly running: boolean;
  /** Its etcd has joined the others on that instance, which is in service. */
  readonly placed: boolean;
  /** As etcd lists it, at its address. */
  readonly etcd: "voter" | "learner" | "none";
}

export interface MigrationFacts {
  readonly migration: Pick<Migration, "changes" | "done" | "backup" | "maxLearners" | "provided" | "admitted">;
  readonly slots: readonly SlotFacts[];
  /** False while no healthy master answers, or etcd has no quorum: then `etcd` of the slots is not known. */
  readonly etcdAnswers: boolean;
}

/** The next action of a migration. It does one, then reads the facts again. */
export type MigrationAction =
  | { readonly kind: "backup" }
  /** Members have no instance with their volume: as in a repair, they get one for what they have. */
  | { readonly kind: "heal"; readonly slots: readonly string[] }
  | { readonly kind: "zones"; readonly slots: readonly string[]; readonly zones: readonly string[] }
  | { readonly kind: "prepare"; readonly slots: readonly string[] }
  /** Waits until instances of these run. etcd does not know them yet, so that this can be given up without a trace. */
  | { readonly kind: "launch"; readonly slots: readonly string[] }
  | { readonly kind: "learn"; readonly slots: readonly string[] }
  /** They get their volumes, and their etcd begins to learn. */
  | { readonly kind: "place"; readonly slots: readonly string[] }
  /** Voters, as soon as they have caught up; and in the same moment members that they replace go. */
  | { readonly kind: "promote"; readonly slots: readonly string[]; readonly removes: readonly string[] }
  /** Their API servers are up and are targets. */
  | { readonly kind: "admit"; readonly slots: readonly string[] }
  | { readonly kind: "remove"; readonly slots: readonly string[] }
  /** They have left etcd: what they had goes. */
  | { readonly kind: "retire"; readonly slots: readonly string[] }
  /** This part is done: plan, spec and templates are of the new set. */
  | { readonly kind: "complete"; readonly slots: readonly string[] }
  | { readonly kind: "finish" }
  | { readonly kind: "wait"; readonly reason: string };

/** Chooses the next action. etcd's own list decides who is a member; records only say what was begun. */
export function planMigrationStep(facts: MigrationFacts): MigrationAction {
  const { migration, slots, etcdAnswers } = facts;
  if (migration.backup === undefined) return { kind: "backup" };
  const batch = nextBatch(migration.changes ?? [], migration.done);
  const lost = slots.filter(({ record, placed }) => record === "full" && !placed);
  // Without it there may be no majority to change anything with.
  if (lost.length > 0) return { kind: "heal", slots: names(lost) };
  if (!batch) return { kind: "finish" };
  if (!etcdAnswers) return { kind: "wait", reason: "no master says who is a member of etcd" };
  const slot = (name: string) => slots.find((each) => each.slot === name) ?? absent(name);
  return batch.kind === "shrink"
    ? planShrink(batch.changes.map((change) => slot(change.slot)))
    : planGrowth(batch, migration, slot);
}

function planGrowth(
  { changes }: Batch,
  { maxLearners = 1, provided = [], admitted = [] }: MigrationFacts["migration"],
  slotOf: (name: string) => SlotFacts,
): MigrationAction {
  const joins = changes.map(({ slot }) => slotOf(slot));
  const replaced = changes.flatMap(({ replaces }) => (replaces === undefined ? [] : [slotOf(replaces)]));
  const outside = joins.filter(({ etcd }) => etcd === "none");
  if (outside.length > 0) {
    const zones = [...new Set(changes.map(({ zone }) => zone))].filter((zone) => !provided.includes(zone));
    if (zones.length > 0) return { kind: "zones", slots: names(joins), zones };
    const unprepared = joins.filter(({ record, prepared }) => record === "none" || !prepared);
    if (unprepared.length > 0) return { kind: "prepare", slots: names(unprepared) };
    const starting = outside.filter(({ running }) => !running);
    if (starting.length > 0) return { kind: "launch", slots: names(starting) };
  }
  const learners = joins.filter(({ etcd }) => etcd === "learner");
  const room = outside.slice(0, Math.max(0, maxLearners - learners.length));
  if (room.length > 0) return { kind: "learn", slots: names(room) };
  // A voter, too, may have lost its instance since.
  const unplaced = joins.filter(({ etcd, placed }) => etcd !== "none" && !placed);
  if (unplaced.length > 0) return { kind: "place", slots: names(unplaced) };
  const going = replaced.filter(({ etcd }) => etcd !== "none");
  if (learners.length > 0 || going.length > 0)
    return { kind: "promote", slots: names(learners), removes: names(going) };
  const waiting = joins.filter(({ slot }) => !admitted.includes(slot));
  if (waiting.length > 0) return { kind: "admit", slots: names(waiting) };
  const left = replaced.filter(({ record }) => record !== "none");
  return left.length > 0
    ? { kind: "retire", slots: names(left) }
    : { kind: "complete", slots: changes.map(({ slot }) => slot) };
}

function planShrink(leaving: readonly SlotFacts[]): MigrationAction {
  const members = leaving.filter(({ etcd }) => etcd !== "none");
  if (members.length > 0) return { kind: "remove", slots: names(members) };
  const left = leaving.filter(({ record }) => record !== "none");
  return left.length > 0 ? { kind: "retire", slots: names(left) } : { kind: "complete", slots: names(leaving) };
}

/** What a user sees of an action: the phase that it belongs to. */
export function phaseOf({ kind }: MigrationAction): MigrationPhase | undefined {
  return PHASES[kind];
}

const PHASES: Readonly<Record<MigrationAction["kind"], MigrationPhase | undefined>> = {
  backup: "backup",
  heal: undefined,
  zones: "zones",
  prepare: "prepare",
  launch: "launch",
  learn: "learn",
  place: "learn",
  promote: "promote",
  admit: "promote",
  remove: "remove",
  retire: "retire",
  complete: undefined,
  finish: undefined,
  wait: undefined,
};

export type BackOut =
  /** Nothing of the current part votes or has left: these slots are taken away again, and these stay after all. */
  | { readonly kind: "back-out"; readonly slots: readonly string[]; readonly stay: readonly string[] }
  /** From here it only goes forwards. */
  | { readonly kind: "keep"; readonly reason: string };

/** What is taken back when a migration stops. */
export function planBackOut({ migration, slots, etcdAnswers }: MigrationFacts): BackOut {
  const batch = nextBatch(migration.changes ?? [], migration.done);
  if (!batch) return { kind: "back-out", slots: [], stay: [] };
  if (!etcdAnswers) return { kind: "keep", reason: "no master says who is a member of etcd" };
  const slot = (name: string) => slots.find((each) => each.slot === name) ?? absent(name);
  const leaving = batch.changes.flatMap(({ change, slot: name, replaces }) =>
    change === "shrink" ? [slot(name)] : replaces === undefined ? [] : [slot(replaces)],
  );
  const joins = batch.kind === "shrink" ? [] : batch.changes.map((change) => slot(change.slot));
  const voting = joins.filter(({ etcd }) => etcd === "voter");
  if (voting.length > 0) return { kind: "keep", reason: `${list(voting)} votes already` };
  const gone = leaving.filter(({ etcd }) => etcd === "none");
  if (gone.length > 0) return { kind: "keep", reason: `${list(gone)} has left etcd already` };
  return {
    kind: "back-out",
    slots: names(joins.filter(({ record }) => record !== "none")),
    stay: names(leaving.filter(({ record }) => record === "leaving")),
  };
}

function absent(slot: string): SlotFacts {
  return { slot, record: "none", prepared: false, running: false, placed: false, etcd: "none" };
}

function names(slots: readonly SlotFacts[]): string[] {
  return slots.map(({ slot }) => slot);
}

function list(slots: readonly SlotFacts[]): string {
  return `${slots.length === 1 ? "master" : "masters"} ${names(slots).join(", ")}`;
}

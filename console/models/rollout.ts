import type { Rollout } from "../data/api.ts";
import { mayDo, type Session, shortName } from "./access.ts";
import { valueText } from "./change.ts";
import type { Mark } from "./cluster.ts";
import { capital, counted, labelOf, minutesText } from "./words.ts";

export type RolloutCluster = Rollout["clusters"][number];
type Stage = Rollout["strategy"]["stages"][number];

export const ROLLOUT_MARKS: Readonly<Record<Rollout["state"], Mark>> = {
  pending: { mark: "○", word: "Pending", tone: "quiet" },
  running: { mark: "◐", word: "Running", tone: "busy" },
  soaking: { mark: "◐", word: "Soaking", tone: "busy" },
  "waiting-approval": { mark: "?", word: "Waits for approval", tone: "busy" },
  paused: { mark: "‖", word: "Paused", tone: "quiet" },
  stopped: { mark: "✕", word: "Stopped", tone: "bad" },
  done: { mark: "✓", word: "Done", tone: "good" },
};

export const CHANGE_MARKS: Readonly<Record<RolloutCluster["state"], Mark>> = {
  waiting: { mark: "○", word: "waiting", tone: "quiet" },
  running: { mark: "◐", word: "changing", tone: "busy" },
  soaking: { mark: "◐", word: "soaking", tone: "busy" },
  ok: { mark: "✓", word: "changed", tone: "good" },
  failed: { mark: "✕", word: "failed", tone: "bad" },
  skipped: { mark: "–", word: "skipped", tone: "quiet" },
};

const ENDED: ReadonlySet<RolloutCluster["state"]> = new Set(["ok", "failed", "skipped"]);

/** A stage as a column of the page. */
export interface Column {
  readonly name: string;
  /** How carefully it goes. */
  readonly rules: string;
  /** `2 of 5 changed, 1 failed` */
  readonly progress: string;
  /** Who approved it, or who has to. */
  readonly approval: string | null;
  /** Does it wait for an approval now? */
  readonly waits: boolean;
  /** Those that need a person first, then those that change. */
  readonly clusters: readonly RolloutCluster[];
}

const ORDER: readonly RolloutCluster["state"][] = ["failed", "running", "soaking", "waiting", "skipped", "ok"];

export function columnsOf(rollout: Rollout): Column[] {
  const waiting = waitingStage(rollout);
  return rollout.strategy.stages.map((stage) => {
    const clusters = rollout.clusters
      .filter((each) => each.stage === stage.name)
      .toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
    return {
      name: stage.name,
      rules: rulesOf(stage),
      progress: progressOf(clusters),
      approval: approvalOf(rollout, stage),
      waits: stage.name === waiting,
      clusters,
    };
  });
}

function rulesOf({ maxConcurrent, maxFailures, soakMinutes }: Stage): string {
  const failures = maxFailures === 0 ? "stops at the first failure" : `${counted(maxFailures, "failure")} allowed`;
  const soak = soakMinutes === 0 ? [] : [`then healthy for ${minutesText(soakMinutes)}`];
  return [`${maxConcurrent} at once`, failures, ...soak].join(", ");
}

export function progressOf(clusters: readonly Pick<RolloutCluster, "state">[]): string {
  if (clusters.every(({ state }) => state === "waiting")) return counted(clusters.length, "cluster");
  const count = (state: RolloutCluster["state"]) => clusters.filter((each) => each.state === state).length;
  const others = (["failed", "skipped"] as const).flatMap((state) =>
    count(state) ? [`${count(state)} ${state}`] : [],
  );
  return [`${count("ok")} of ${clusters.length} changed`, ...others].join(", ");
}

function approvalOf({ approvals }: Rollout, { name, before, after }: Stage): string | null {
  const given = (when: "before" | "after") =>
    approvals.find((each) => each.stage === name && (each.when ?? "before") === when);
  const texts = [...before.map(({ by }) => ["before", by] as const), ...after.map(({ by }) => ["after", by] as const)]
    .map(([when, by]) => [given(when), when, by] as const)
    .map(([approval, when, by]) => {
      const which = when === "after" ? " when it has ended" : "";
      return approval ? `approved by ${shortName(approval.by)}${which}` : `needs an approval by an ${by}${which}`;
    });
  return texts.length === 0 ? null : texts.join(", ");
}

/** The stage that waits for an approval; undefined if none does. */
function waitingStage({ state, strategy, clusters, pendingApproval }: Rollout): string | undefined {
  if (state !== "waiting-approval") return undefined;
  if (pendingApproval) return pendingApproval.stage;
  const open = new Set(clusters.filter((each) => !ENDED.has(each.state)).map(({ stage }) => stage));
  return strategy.stages.find(({ name }) => open.has(name))?.name;
}

/** `Node count 5`, a line a field. What is taken back to its default says so. */
export function changeLines(change: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(change).map(
    ([field, value]) => `${labelOf(field)} ${value === null ? "default" : written(value)}`,
  );
}

function written(value: unknown): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : valueText(value) || "none";
}

/** `Node count 3 → 5`: a cluster's former value beside the new one; nothing before its change is sent. */
export function cardLines({ change, rollbackOf }: Rollout, { from }: RolloutCluster): string[] {
  if (from === null) return [];
  return Object.keys(from).map((field) => {
    const [former, next] = [written(from[field] ?? "not set"), written(change[field] ?? "default")];
    return `${labelOf(field)} ${rollbackOf === null ? `${former} → ${next}` : former}`;
  });
}

/** A request that may be offered: its word on the button, and what is sent. */
export interface Offer {
  readonly label: string;
  /** What it waits for. */
  readonly isMain?: boolean;
  readonly body: { readonly action: string; readonly skip?: readonly string[]; readonly stage?: string };
}

/** What whoever is signed in may ask of the roll-out as it is. The API decides again. */
export function offersOf(rollout: Rollout, session: Session): Offer[] {
  const { state } = rollout;
  if (!mayChangeAll(session) || state === "done") return [];
  const failed = rollout.clusters.filter((each) => each.state === "failed").map(({ name }) => name);
  const halted = state === "paused" || state === "stopped";
  const offers: (Offer | false)[] = [
    approvalOffer(rollout, session) ?? false,
    halted && failed.length === 0 && { label: "Resume", body: { action: "resume" } },
    failed.length > 0 && { label: "Retry the failed", body: { action: "retry" } },
    halted && failed.length > 0 && { label: "Resume without the failed", body: { action: "resume", skip: failed } },
    !halted && { label: "Pause", body: { action: "pause" } },
    state !== "stopped" && { label: "Stop", body: { action: "stop" } },
  ];
  return offers.filter((offer) => offer !== false);
}

function approvalOffer(rollout: Rollout, session: Session): Offer | undefined {
  const stage = waitingStage(rollout);
  const [gate] = rollout.strategy.stages.find(({ name }) => name === stage)?.before ?? [];
  // Only administrators may delete, so whoever may is one.
  const action = (rollout.pendingApproval?.by ?? gate?.by) === "admin" ? "delete" : "change";
  if (stage === undefined || !rollout.clusters.every(({ name }) => mayDo(session, action, name))) return undefined;
  return { label: `Approve ${stage}`, isMain: true, body: { action: "approve", stage } };
}

/** To change a fleet takes a role for all clusters. */
export function mayChangeAll(session: Session): boolean {
  return mayDo(session, "change", "*");
}

/** May the former values be rolled out again? Not while a cluster is still changing. */
export function canRollBack({ state, clusters }: Rollout): boolean {
  const isOpen = clusters.some((each) => each.state === "running" || each.state === "soaking");
  return (state === "stopped" || state === "done") && !isOpen && clusters.some(({ from }) => from !== null);
}

/** `Roll-out of prod`, or what it takes back. */
export function titleOf({ fleet, rollbackOf }: Pick<Rollout, "fleet" | "rollbackOf">): string {
  return `${capital(rollbackOf === null ? "roll-out" : "rollback")} of ${fleet}`;
}

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
  "waiting-check": { mark: "?", word: "Waits for a check", tone: "busy" },
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
  /** Who approved it, or who has to, and its checks. */
  readonly approval: string | null;
  /** Does it wait for an approval or a check now? */
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

function approvalOf(rollout: Rollout, stage: Stage): string | null {
  const texts = [
    ...stage.before.map((gate) => gateText(rollout, stage.name, "before", gate)),
    ...stage.after.map((gate) => `${gateText(rollout, stage.name, "after", gate)} when it has ended`),
  ];
  return texts.length === 0 ? null : texts.join(", ");
}

function gateText(
  { approvals, checks = [] }: Rollout,
  stage: string,
  when: "before" | "after",
  gate: Stage["before"][number],
): string {
  if (gate.gate === "approval") {
    const given = approvals.find((each) => each.stage === stage && (each.when ?? "before") === when);
    return given ? `approved by ${shortName(given.by)}` : `needs an approval by an ${gate.by}`;
  }
  const result = checks.findLast(({ name }) => name === gate.name);
  if (result === undefined) return `needs the check ${gate.name}`;
  return `check ${gate.name} ${result.passed ? "passed" : "failed"}`;
}

/** The stage that waits for an approval or a check; undefined if none does. */
function waitingStage({ state, strategy, clusters, pendingApproval, pendingCheck }: Rollout): string | undefined {
  if (pendingCheck) return pendingCheck.stage;
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
  readonly body: {
    readonly action: string;
    readonly skip?: readonly string[];
    readonly stage?: string;
    readonly name?: string;
    readonly passed?: boolean;
  };
}

/** What whoever is signed in may ask of the roll-out as it is. The API decides again. */
export function offersOf(rollout: Rollout, session: Session): Offer[] {
  const { state } = rollout;
  if (!mayChangeAll(session) || state === "done") return [];
  const failed = rollout.clusters.filter((each) => each.state === "failed").map(({ name }) => name);
  const halted = state === "paused" || state === "stopped";
  const offers: (Offer | false)[] = [
    approvalOffer(rollout, session) ?? false,
    ...checkOffers(rollout, session),
    halted && failed.length === 0 && { label: "Resume", body: { action: "resume" } },
    failed.length > 0 && { label: "Retry the failed", body: { action: "retry" } },
    halted && failed.length > 0 && { label: "Resume without the failed", body: { action: "resume", skip: failed } },
    !halted && { label: "Pause", body: { action: "pause" } },
    state !== "stopped" && { label: "Stop", body: { action: "stop" } },
  ];
  return offers.filter((offer) => offer !== false);
}

function approvalOffer(rollout: Rollout, session: Session): Offer | undefined {
  const stage = rollout.state === "waiting-approval" ? waitingStage(rollout) : undefined;
  const [gate] = rollout.strategy.stages.find(({ name }) => name === stage)?.before ?? [];
  if (stage === undefined || !isRole(session, rollout.pendingApproval?.by ?? gate?.by, rollout)) return undefined;
  return { label: `Approve ${stage}`, isMain: true, body: { action: "approve", stage } };
}

/** Its result, for who has the role that the gate names. */
function checkOffers(rollout: Rollout, session: Session): Offer[] {
  const { pendingCheck } = rollout;
  if (!pendingCheck || !isRole(session, pendingCheck.by, rollout)) return [];
  const { name } = pendingCheck;
  return [
    { label: `${name} has passed`, isMain: true, body: { action: "check", name, passed: true } },
    { label: `${name} has failed`, body: { action: "check", name, passed: false } },
  ];
}

/** Only administrators may delete, so whoever may is one. */
function isRole(session: Session, role: string | undefined, { clusters }: Rollout): boolean {
  return clusters.every(({ name }) => mayDo(session, role === "admin" ? "delete" : "change", name));
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

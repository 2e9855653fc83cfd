import type { ClusterRecord } from "../cluster/records.ts";
import type { Drift, DriftArea, DriftRecord, DriftState } from "./drift-records.ts";
import { confirmedAfterMs } from "./endpoint-drift.ts";

/** What a look at some areas has shown. */
export interface DriftLook {
  readonly areas: readonly DriftArea[];
  readonly found: readonly Drift[];
}

export interface DriftChange {
  readonly found: readonly DriftRecord[];
  /** Due for an event: seen for long enough, and not reported before. */
  readonly due: readonly DriftRecord[];
  /** Was reported, and is corrected. */
  readonly cleared: readonly DriftRecord[];
}

/** What follows from a look. Areas that were not looked at stay as they were known. */
export function mergeDrift(before: DriftState, look: DriftLook, now: Date): DriftChange {
  const isLooked = ({ area }: Drift) => look.areas.includes(area);
  const seen = look.found.map((drift): DriftRecord => {
    const known = before.found.find(({ key }) => key === drift.key);
    return { ...drift, since: known?.since ?? now.toISOString(), reported: known?.reported ?? false };
  });
  const found = [...before.found.filter((known) => !isLooked(known)), ...seen];
  const isConfirmed = (record: DriftRecord) => now.getTime() - Date.parse(record.since) >= confirmedAfterMs(record);
  return {
    found,
    due: found.filter((record) => !record.reported && isConfirmed(record)),
    cleared: before.found.filter((known) => known.reported && !found.some(({ key }) => key === known.key)),
  };
}

/** True if there is something to record or to report. */
export function changesDrift(before: DriftState, { found, due }: DriftChange): boolean {
  const known = new Set(before.found.map(({ key, message }) => `${key} ${message}`));
  const isSame = found.length === known.size && found.every(({ key, message }) => known.has(`${key} ${message}`));
  return due.length > 0 || !isSame;
}

/** Nothing is looked at while an operation changes it, nor before there is an endpoint. */
export function mayDrift({ status, operation, network, endpoint }: ClusterRecord): boolean {
  return (
    (status === "ACTIVE" || status === "DEGRADED") &&
    operation === null &&
    network !== undefined &&
    endpoint !== undefined
  );
}

/** The part of a list that is due in this minute, if each minute has room for `size`: all of it in turn. */
export function turnOf<T>(all: readonly T[], minute: number, size: number): T[] {
  if (all.length <= size) return [...all];
  const start = (minute * size) % all.length;
  return [...all, ...all].slice(start, start + size);
}

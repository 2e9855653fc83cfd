import type { Endpoint, Fleet } from "../data/api.ts";
import { FLEET_MARKS, type Mark } from "./cluster.ts";
import { ageOf } from "./words.ts";

/** A state of its own, in word and mark: nothing is known, neither that it is healthy nor that it is not. */
const UNREACHABLE: Mark = { mark: "⊘", word: "Unreachable", tone: "bad" };

export const ENDPOINT_MARKS: Readonly<Record<Endpoint["state"], Mark>> = {
  reachable: { mark: "●", word: "Reachable", tone: "good" },
  joining: { mark: "◐", word: "Joining", tone: "busy" },
  unreachable: UNREACHABLE,
};

type FleetCluster = Fleet["clusters"][number];

/** A cluster whose endpoint does not answer is not the same as one that is not there. */
export function clusterMark({ status, unknownSince }: Pick<FleetCluster, "status" | "unknownSince">): Mark {
  return unknownSince ? UNREACHABLE : FLEET_MARKS[status];
}

/** Endpoints that do not answer, by their names. */
export function unreachableOf(endpoints: readonly Endpoint[]): ReadonlySet<string> {
  return new Set(endpoints.filter(({ state }) => state === "unreachable").map(({ name }) => name));
}

const ORDER: readonly Endpoint["state"][] = ["unreachable", "joining", "reachable"];

/** What needs a person first. */
export function byState(one: Endpoint, other: Endpoint): number {
  return ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || (one.name < other.name ? -1 : 1);
}

/** `40 s ago`; `never` of one that has not answered yet. */
export function seenText({ lastSeenAt }: Endpoint, now: number): string {
  if (lastSeenAt === null) return "never";
  const age = ageOf(lastSeenAt, now);
  return age === "now" ? age : `${age} ago`;
}

/** `2026-11-30 10:00 UTC, for 12 min`; a dash of one that answers. */
export function sinceText({ unreachableSince }: Endpoint, now: number): string {
  if (unreachableSince === null) return "–";
  return `${unreachableSince.slice(0, 16).replace("T", " ")} UTC, for ${ageOf(unreachableSince, now)}`;
}

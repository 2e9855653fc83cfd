import type { ClusterRecord, MemberRecord } from "../cluster/records.ts";
import type { MemberPlan, Plan } from "../plan/plan-types.ts";
import { homeSubnet, subnetZones } from "../plan/subnets.ts";
import { mastersIn, survivalOf } from "../plan/survival.ts";
import { FIELDS } from "../spec/field-table.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { quorumOf } from "./quorum.ts";

/**
 * So long no instance of a member could be launched in its zone before it moves, unless the spec says otherwise. AWS's
 * own experiment with the loss of a zone lasts half an hour (FIS, "AZ Availability: Power Interruption"); meanwhile the
 * others serve, and a member that only waits needs nothing copied.
 */
export const MOVE_AFTER_MINUTES = FIELDS.masterZoneFallbackMinutes.default;

/** What the spec requires for a member whose zone launches nothing. etcd decides whether the other members allow it. */
export type MoveResult =
  /** It waits for its zone: the spec says so, or its launches fail for another reason than insufficient capacity. */
  | { readonly kind: "wait" }
  /** Not yet due. Epoch milliseconds. */
  | { readonly kind: "later"; readonly zone: string; readonly atMs: number }
  /** No zone can take it; a phrase for people. */
  | { readonly kind: "stay"; readonly reason: string }
  | { readonly kind: "move"; readonly zone: string };

/** Decides whether this member may move to another zone, and to which. */
export function evaluateMove(
  { spec, plan }: Pick<ClusterRecord, "spec" | "plan">,
  records: readonly MemberRecord[],
  member: string,
  nowMs: number,
): MoveResult {
  const stranded = records.find((record) => record.member === member)?.stranded;
  if (spec.masterZoneFallback !== "move" || !stranded) return { kind: "wait" };
  const out = records.filter((record) => record.stranded).map((record) => record.member);
  const zone = chooseZone(spec, plan, member, out);
  if (zone === undefined) return { kind: "stay", reason: explainStay(plan, member) };
  const atMs = Date.parse(stranded.since) + (spec.masterZoneFallbackMinutes ?? MOVE_AFTER_MINUTES) * 60_000;
  return nowMs < atMs ? { kind: "later", zone, atMs } : { kind: "move", zone };
}

/**
 * Where a member could go: to a zone of the cluster without a master, or else to the one with the fewest, if what is
 * left after the loss of that zone were still a majority. Never to a zone of the members `out`, whose zones launch
 * nothing.
 */
export function chooseZone(
  spec: Pick<ClusterSpec, "zones" | "masterZones">,
  plan: Pick<Plan, "members" | "subnets">,
  member: string,
  out: readonly string[] = [],
): string | undefined {
  const closed = plan.members.filter(({ name }) => name === member || out.includes(name)).map(({ zone }) => zone);
  const size = plan.members.length;
  return [...new Set([...spec.zones, ...subnetZones(spec)])]
    .filter((zone) => !closed.includes(zone) && plan.subnets.some((subnet) => subnet.zone === zone))
    .map((zone) => ({ zone, masters: mastersIn(plan.members, zone) }))
    .filter(({ masters }) => size - (masters + 1) >= quorumOf(size))
    .toSorted((a, b) => a.masters - b.masters)[0]?.zone;
}

function explainStay({ members }: Plan, member: string): string {
  return members.length === 1
    ? `${member} is the only master, and its data is in its zone`
    : "no other zone of the cluster could take it without becoming one whose loss costs the majority";
}

/** What happens next to a member that cannot be launched, for people; empty if it only waits. */
export function explainMove(evaluated: MoveResult): string {
  if (evaluated.kind === "later") {
    return `It moves to ${evaluated.zone} if that lasts until ${new Date(evaluated.atMs).toISOString().slice(0, 16)}Z.`;
  }
  if (evaluated.kind === "move") return `It moves to ${evaluated.zone} as soon as every other member is healthy.`;
  return evaluated.kind === "stay" ? `It does not move: ${evaluated.reason}.` : "";
}

/** By the records: every member with capacity is healthy, and these are a majority. */
export function othersAreHealthy(records: readonly MemberRecord[], member: string): boolean {
  const others = records.filter((record) => record.member !== member && !record.stranded);
  return others.every(({ health }) => health === "healthy") && others.length >= quorumOf(records.length);
}

/** The plan once the member is in another zone, at the address that its new interface has. */
export function withMember(
  spec: Pick<ClusterSpec, "zones" | "masterZones">,
  plan: Plan,
  moved: Pick<MemberPlan, "name" | "zone" | "address">,
): Plan {
  const subnet = homeSubnet(plan.subnets, moved.zone).name;
  const members = plan.members.map((member) => (member.name === moved.name ? { ...moved, subnet } : member));
  return { ...plan, members, survives: survivalOf(members, subnetZones(spec)) };
}

/**
 * The plan of a changed spec with the members where they are, since some may have moved, and with the subnets that
 * exist: zones that came later were not laid out with the first ones.
 */
export function withMembersOf(
  spec: Pick<ClusterSpec, "zones" | "masterZones">,
  plan: Plan,
  { members, subnets }: Pick<Plan, "members" | "subnets">,
): Plan {
  return { ...plan, members, subnets, survives: survivalOf(members, subnetZones(spec)) };
}

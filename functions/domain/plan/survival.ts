import { quorumOf } from "../repair/quorum.ts";
import type { MemberPlan, Plan } from "./plan-types.ts";

/** Masters that may be lost at once, and zones that may be lost one at a time, with the API still answering. */
export function survivalOf(members: readonly MemberPlan[], zones: readonly string[]): Plan["survives"] {
  const needed = quorumOf(members.length);
  return {
    masters: Math.floor((members.length - 1) / 2),
    zones: zones.filter((zone) => members.length - mastersIn(members, zone) >= needed),
  };
}

export function mastersIn(members: readonly MemberPlan[], zone: string): number {
  return members.filter((member) => member.zone === zone).length;
}

import { checkData } from "./data.ts";
import { checkIdentity } from "./identity.ts";
import type { Seen, Violation } from "./observations.ts";
import { checkAudit, checkBudget } from "./operations.ts";
import { checkQuorumKept } from "./quorum.ts";
import { checkTruth } from "./truth.ts";
import { checkTwins } from "./twins.ts";

/** Every violation in what was seen. */
export function checkInvariants(seen: Seen): Violation[] {
  return [
    ...checkQuorumKept(seen),
    ...checkIdentity(seen),
    ...checkData(seen),
    ...checkTwins(seen),
    ...checkTruth(seen),
    ...checkAudit(seen),
    ...checkBudget(seen),
  ];
}

import { judgeData } from "./data.ts";
import { judgeIdentity } from "./identity.ts";
import type { Seen, Violation } from "./observations.ts";
import { judgeAudit, judgeBudget } from "./operations.ts";
import { judgeQuorumKept } from "./quorum.ts";
import { judgeTruth } from "./truth.ts";
import { judgeTwins } from "./twins.ts";

/** Every violation in what was seen. */
export const judge = (seen: Seen): Violation[] => [
  ...judgeQuorumKept(seen),
  ...judgeIdentity(seen),
  ...judgeData(seen),
  ...judgeTwins(seen),
  ...judgeTruth(seen),
  ...judgeAudit(seen),
  ...judgeBudget(seen),
];

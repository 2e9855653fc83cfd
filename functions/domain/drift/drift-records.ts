import * as z from "zod";
import type { Read } from "../api/output.ts";
import { renamed } from "../cluster/former-names.ts";

/** What is looked at together. */
export const DRIFT_AREAS = ["network", "groups", "endpoint", "machines"] as const;
export type DriftArea = (typeof DRIFT_AREAS)[number];

const DriftRecordSchema = z.looseObject({
  /** The same for as long as the same thing is missing: `nat-gateway/us-west-2a`. */
  key: z.string(),
  area: z.enum(DRIFT_AREAS),
  /** For people, as a phrase. */
  message: z.string(),
  /** When it was first seen. */
  since: z.string(),
  /** It is in the cluster's event history. */
  reported: z.boolean(),
});
export type DriftRecord = Read<typeof DriftRecordSchema>;
/** Something of a cluster that is not as it was made. */
export type Drift = Pick<DriftRecord, "key" | "area" | "message">;

/** What is known of a cluster's drift. */
export const DriftStateSchema = z.looseObject({
  /** Increases with each write, so that the later of two concurrent writes changes nothing. */
  version: z.number(),
  /** When all areas were last looked at together. */
  fullAt: z.string().nullable(),
  found: z.array(renamed({ told: "reported" }, DriftRecordSchema)),
});
export type DriftState = Read<typeof DriftStateSchema>;

export const NO_DRIFT: DriftState = { version: 0, fullAt: null, found: [] };

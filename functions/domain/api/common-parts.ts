import * as z from "zod";
import { cursorOf, positionOf } from "./cursors.ts";
import { ClusterViewSchema } from "./views.ts";

/** Visible ASCII: what a header can carry without being changed on the way. */
export const VISIBLE = /^[\x21-\x7e]+$/;

const IdempotencyKey = z
  .string()
  .min(1)
  .max(128)
  .regex(VISIBLE, "visible ASCII characters")
  .describe("A key of your choice. The same request with the same key, within a day, is executed once.");
/** Headers of a request that is executed once. */
export const Once = z.object({ "idempotency-key": IdempotencyKey.optional() });

export const DryRun = z.boolean().default(false).describe("Show what it would be, and change nothing.");

const Limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(100)
  .default(50)
  .describe("Most items of the page. It may have fewer and not be the last.");
const CURSOR_RULE = "the nextCursor of an earlier answer";
/**
 * What a cursor stands for becomes part of a key, which has at most 1,024 bytes, three for each byte that is no text.
 */
const Cursor = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[A-Za-z0-9_-]+$/, CURSOR_RULE)
  .refine((cursor) => cursorOf(positionOf(cursor)) === cursor, CURSOR_RULE)
  .describe("The `nextCursor` of the page before. It is opaque; without one the list begins at its beginning.");
const Selected = z
  .string()
  .max(1024)
  .optional()
  .describe("Only clusters whose labels it selects, in Kubernetes' syntax: `env=prod,tier in (1,2),!legacy`.");
/** Query parameters of every list. */
export const PAGE = { limit: Limit, cursor: Cursor.optional() };

const CLUSTER_STATUSES = ClusterViewSchema.shape.status.options;

export const ClusterQuery = z.strictObject({
  ...PAGE,
  status: z.enum(CLUSTER_STATUSES).optional().describe("Only clusters with this status."),
  namePrefix: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9.-]+$/, "the beginning of a cluster's name")
    .optional()
    .describe("Only clusters whose names begin so."),
  selector: Selected,
});

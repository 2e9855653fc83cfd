import * as z from "zod";
import { MAX_HOURS } from "../console/console-session.ts";

/** Whoever may read may open the console, and is there who they are here. */
export const OPEN_CONSOLE = {
  route: "POST /console-sessions",
  action: "read",
  costly: false,
  body: z.strictObject({
    hours: z.int().min(1).max(MAX_HOURS).default(MAX_HOURS).describe("How long the session lasts, at most."),
  }),
} as const;

export const OpenedConsoleSchema = z.looseObject({
  /** Opens one session, within a minute: `/console/clusters#code=…`. */
  code: z.string(),
  /** When that session ends. */
  until: z.string(),
});

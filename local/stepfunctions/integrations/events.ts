import { z } from "zod";
import { StatesError } from "../errors.ts";
import { type Json, jsonObjectSchema, toJson } from "../json.ts";
import { parseArguments } from "./arguments.ts";
import type { CallOptions, Integrations } from "./contract.ts";
import { optimizedError } from "./service-errors.ts";

const argumentsSchema = z.strictObject({
  Entries: z.array(
    z.strictObject({
      Source: z.string(),
      DetailType: z.string(),
      Detail: z.union([jsonObjectSchema, z.string()]),
      EventBusName: z.string().optional(),
      Resources: z.array(z.string()).optional(),
    }),
  ),
});

/**
 * `events:putEvents`. `Detail` may be an object; the ARNs of execution and machine are added to `Resources`.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
 * @throws StatesError EventBridge.FailedEntry when the bus refused an entry.
 */
export async function putEvents(
  events: Integrations,
  args: Json,
  origin: readonly string[],
  options: CallOptions,
): Promise<Json> {
  const { Entries } = parseArguments("events:putEvents", argumentsSchema, args);
  const entries = Entries.map((entry) => ({
    ...entry,
    Detail: typeof entry.Detail === "string" ? entry.Detail : JSON.stringify(entry.Detail),
    Resources: [...(entry.Resources ?? []), ...origin],
  }));
  const answer = await events.putEvents(entries, options).catch((error: unknown) => {
    throw optimizedError("events", error);
  });
  if (answer.FailedEntryCount > 0) throw new StatesError("EventBridge.FailedEntry", JSON.stringify(answer));
  return toJson(answer) ?? null;
}

import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Principal } from "../context/credentials.ts";
import { AwsError, type InputOf, type OutputOf } from "../wire/contract.ts";
import type { EventBridgeState } from "./event-bridge.ts";
import { isObject } from "./json.ts";
import { DEFAULT_BUS, isElsewhere } from "./rules.ts";

/** PutEvents: each entry succeeds or fails by itself (EB `APIReference/API_PutEvents.html`). */
export function putEvents(
  state: EventBridgeState,
  { Entries = [] }: InputOf<typeof sdk, "PutEvents">,
  principal: Principal,
): OutputOf<typeof sdk, "PutEvents"> {
  if (Entries.length === 0 || Entries.length > 10)
    throw new AwsError(
      "ValidationException",
      "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10",
    );
  const results = Entries.map((entry) => putEntry(state, entry, principal));
  return { FailedEntryCount: results.filter((result) => result.ErrorCode).length, Entries: results };
}

function putEntry(
  state: EventBridgeState,
  entry: sdk.PutEventsRequestEntry,
  principal: Principal,
): sdk.PutEventsResultEntry {
  for (const name of ["Source", "DetailType", "Detail"] as const)
    if (!entry[name])
      return refused("InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  const { Source: source = "", DetailType: detailType = "", Detail = "", EventBusName: bus = DEFAULT_BUS } = entry;
  if (source.startsWith("aws.")) return refused("NotAuthorizedForSourceException", "Not authorized for the source.");
  const detail = parseDetail(Detail);
  if (!detail) return refused("MalformedDetail", "Detail is malformed.");
  const event = { source, detailType, resources: entry.Resources ?? [], detail };
  if (isElsewhere(state.context, bus)) {
    state.service.putElsewhere?.(bus, event, principal, { time: entry.Time });
    return { EventId: randomUUID() };
  }
  // Events for a bus that does not exist are accepted and dropped, as on AWS.
  if (!state.rules.hasBus(bus)) return { EventId: randomUUID() };
  return { EventId: state.service.put(bus, event, { time: entry.Time }) };
}

function parseDetail(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return isObject(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function refused(ErrorCode: string, ErrorMessage: string): sdk.PutEventsResultEntry {
  return { ErrorCode, ErrorMessage };
}

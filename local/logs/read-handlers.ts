import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { AwsError, type Handlers, type InputOf, type OutputOf } from "../wire/contract.ts";
import { parseFilterPattern } from "./filter-pattern.ts";
import { groupOf, streamNotFound } from "./group-handlers.ts";
import type { LogEvent, LogStore } from "./log-store.ts";
import { sequenceText, viewEvent, viewFiltered } from "./views.ts";

const MAX_EVENTS = 10_000;
/** An answer has at most 1 MB of events; here of their messages. */
const MAX_BYTES = 1_000_000;

/** Reading events: of one stream, or of a group by a pattern. */
export function readHandlers(store: LogStore): Handlers<typeof sdk> {
  return {
    FilterLogEvents: (input) => filterEvents(store, input),
    GetLogEvents: (input) => getEvents(store, input),
    TestMetricFilter: ({ filterPattern, logEventMessages = [] }) => {
      const matches = parseFilterPattern(filterPattern);
      const found = logEventMessages.map((eventMessage, index) => ({ eventNumber: index + 1, eventMessage }));
      return { matches: found.filter(({ eventMessage }) => matches(eventMessage)) };
    },
  };
}

function filterEvents(
  store: LogStore,
  input: InputOf<typeof sdk, "FilterLogEvents">,
): OutputOf<typeof sdk, "FilterLogEvents"> {
  const { logStreamNames: streams, logStreamNamePrefix: prefix = "", startTime = 0 } = input;
  const { endTime = Number.POSITIVE_INFINITY } = input;
  if (streams && prefix !== "")
    throw invalid("logStreamNames and logStreamNamePrefix cannot both be given in one request.");
  const group = store.get(groupOf(input));
  if (streams?.some((name) => !group.streams.has(name))) throw streamNotFound();
  const matches = parseFilterPattern(input.filterPattern);
  const last = input.nextToken === undefined ? undefined : placeOf(input.nextToken);
  const found = store
    .events(group)
    .filter(
      (event) =>
        event.time >= startTime &&
        event.time <= endTime &&
        (last === undefined || isAfter(event, last)) &&
        (streams === undefined || streams.includes(event.stream)) &&
        event.stream.startsWith(prefix) &&
        matches(event.message),
    );
  const page = cut(found, input.limit);
  const end = page.at(-1);
  return {
    events: page.map(viewFiltered),
    searchedLogStreams: [],
    ...(page.length < found.length && end && { nextToken: tokenAt(end) }),
  };
}

/** Where a page ended: events are in the order of time, then of arrival. */
interface Place {
  readonly time: number;
  readonly sequence: number;
}

function tokenAt({ time, sequence }: Place): string {
  return Buffer.from(`${time}/${sequence}`).toString("base64url");
}

function placeOf(token: string): Place {
  const [time, sequence] = Buffer.from(token, "base64url").toString().split("/").map(Number);
  if (time === undefined || sequence === undefined || !Number.isInteger(time) || !Number.isInteger(sequence))
    throw invalid("The specified nextToken is invalid.");
  return { time, sequence };
}

function isAfter(event: Place, place: Place): boolean {
  return event.time > place.time || (event.time === place.time && event.sequence > place.sequence);
}

function getEvents(store: LogStore, input: InputOf<typeof sdk, "GetLogEvents">): OutputOf<typeof sdk, "GetLogEvents"> {
  const group = store.get(groupOf(input));
  const stream = input.logStreamName ?? "";
  if (!group.streams.has(stream)) throw streamNotFound();
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY, nextToken } = input;
  const all = store
    .events(group)
    .filter((event) => event.stream === stream && event.time >= startTime && event.time < endTime);
  const page = nextToken === undefined ? firstPage(all, input) : furtherPage(all, nextToken, input.limit);
  const place = nextToken === undefined ? 0 : positionOf(nextToken).position;
  return {
    events: page.map(viewEvent),
    // A token that comes back unchanged says that the end is reached.
    nextForwardToken: `f/${sequenceText(page.at(-1)?.sequence ?? place)}`,
    nextBackwardToken: `b/${sequenceText(page[0]?.sequence ?? place)}`,
  };
}

function firstPage(all: readonly LogEvent[], { startFromHead, limit }: InputOf<typeof sdk, "GetLogEvents">) {
  return startFromHead ? cut(all, limit) : cut(all.toReversed(), limit).toReversed();
}

function furtherPage(all: readonly LogEvent[], token: string, limit: number | undefined): readonly LogEvent[] {
  const { forward, position } = positionOf(token);
  if (forward)
    return cut(
      all.filter(({ sequence }) => sequence > position),
      limit,
    );
  return cut(all.filter(({ sequence }) => sequence < position).toReversed(), limit).toReversed();
}

function positionOf(token: string): { readonly forward: boolean; readonly position: number } {
  const found = /^([fb])\/(\d{56})$/.exec(token);
  if (!found) throw invalid("The specified nextToken is invalid.");
  return { forward: found[1] === "f", position: Number(found[2]) };
}

/** As many events as were asked for, and as an answer holds. */
function cut(events: readonly LogEvent[], limit = MAX_EVENTS): readonly LogEvent[] {
  let bytes = 0;
  const page: LogEvent[] = [];
  for (const event of events) {
    bytes += Buffer.byteLength(event.message);
    if (page.length >= limit || (bytes > MAX_BYTES && page.length > 0)) break;
    page.push(event);
  }
  return page;
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

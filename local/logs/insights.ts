import { AwsError } from "../wire/contract.ts";
import type { LogEvent } from "./log-store.ts";

/** What is emulated of the query language of Logs Insights: fields, filter, sort and limit. */
export interface InsightsQuery {
  readonly fields: readonly string[];
  readonly filters: readonly ((read: (field: string) => string | undefined) => boolean)[];
  readonly sort: { readonly field: string; readonly descending: boolean } | undefined;
  readonly limit: number;
}

type GroupedEvent = LogEvent & { readonly group: string };

const DEFAULT_LIMIT = 10_000;
const CONDITION = /^(\S+)\s+(not\s+like|like|=|!=|=~)\s*(?:\/(.*)\/|"(.*)"|'(.*)'|(\S+))$/isu;

/** @throws AwsError `MalformedQueryException` */
export function parseQuery(text: string): InsightsQuery {
  let query: InsightsQuery = { fields: ["@timestamp", "@message"], filters: [], sort: undefined, limit: DEFAULT_LIMIT };
  for (const part of text.split("|").map((each) => each.trim())) {
    const [command = "", ...words] = part.split(/\s+/);
    const rest = words.join(" ");
    if (command === "fields" || command === "display") query = { ...query, fields: rest.split(/\s*,\s*/) };
    else if (command === "filter") query = { ...query, filters: [...query.filters, conditionOf(rest)] };
    else if (command === "limit" || command === "head") query = { ...query, limit: Number(words[0]) };
    else if (command === "sort")
      query = { ...query, sort: { field: words[0] ?? "@timestamp", descending: words[1]?.toLowerCase() !== "asc" } };
    else throw malformed(`The local cloud does not know the command "${command}" of Logs Insights.`);
  }
  return query;
}

function conditionOf(text: string): InsightsQuery["filters"][number] {
  const found = text.split(/\s+and\s+/iu).map((part) => CONDITION.exec(part));
  return (read) =>
    found.every((condition) => {
      if (!condition) throw malformed(`The local cloud does not understand the filter "${text}".`);
      const [, field = "", operator = "", expression, double, single, word] = condition;
      const wanted = double ?? single ?? word ?? "";
      const value = read(field) ?? "";
      const negated = /^(not|!)/i.test(operator);
      if (!/like|~/i.test(operator)) return (value === wanted) !== negated;
      return (expression === undefined ? value.includes(wanted) : new RegExp(expression, "u").test(value)) !== negated;
    });
}

function malformed(message: string): AwsError {
  return new AwsError("MalformedQueryException", message);
}

export function runQuery(query: InsightsQuery, events: readonly GroupedEvent[], accountId: string) {
  const reading = events.map((event) => ({ event, read: reader(event, accountId) }));
  const matching = reading.filter(({ read }) => query.filters.every((matches) => matches(read)));
  const { field = "@timestamp", descending = true } = query.sort ?? {};
  const sorted = matching.toSorted((one, other) => (read(one, field) < read(other, field) ? -1 : 1));
  if (descending) sorted.reverse();
  const rows = sorted.slice(0, query.limit).map(({ event, read: value }) => {
    const cells = query.fields.map((name): [string, string] => [name, value(name) ?? ""]);
    return [...cells.filter(([, text]) => text !== ""), ["@ptr", String(event.sequence)] satisfies [string, string]];
  });
  return { rows, matched: matching.length };
}

function read({ read: value }: { read: (field: string) => string | undefined }, field: string): string {
  return value(field) ?? "";
}

/** `@…` are the event's own; anything else is a member of its message, where that is JSON. */
function reader(event: GroupedEvent, accountId: string): (field: string) => string | undefined {
  const own: Readonly<Record<string, string>> = {
    "@timestamp": new Date(event.time).toISOString().replace("T", " ").replace("Z", ""),
    "@ingestionTime": new Date(event.ingestedAt).toISOString().replace("T", " ").replace("Z", ""),
    "@message": event.message,
    "@logStream": event.stream,
    "@log": `${accountId}:${event.group}`,
  };
  return (field) => own[field] ?? memberOf(event.message, field);
}

function memberOf(message: string, path: string): string | undefined {
  if (!message.startsWith("{")) return undefined;
  try {
    const value = path
      .split(".")
      .reduce<unknown>(
        (found, name) => (Object(found) === found ? Reflect.get(Object(found), name) : undefined),
        JSON.parse(message),
      );
    return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
  } catch {
    return undefined;
  }
}

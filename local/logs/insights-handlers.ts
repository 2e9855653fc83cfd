import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CloudContext } from "../context/context.ts";
import { AwsError, type Handlers, type InputOf } from "../wire/contract.ts";
import { groupOf } from "./group-handlers.ts";
import { parseQuery, runQuery } from "./insights.ts";
import type { LogStore } from "./log-store.ts";
import { groupName } from "./views.ts";

interface Query {
  readonly queryId: string;
  readonly createdAt: number;
  readonly groups: readonly string[];
  readonly text: string;
  readonly results: sdk.ResultField[][];
  readonly scanned: number;
  readonly matched: number;
}

/** Queries of Logs Insights: they are run at once, and their results kept until the local cloud ends. */
export function insightsHandlers(context: CloudContext, store: LogStore): Handlers<typeof sdk> {
  const queries = new Map<string, Query>();
  const find = (queryId: string | undefined): Query => {
    const query = queries.get(queryId ?? "");
    if (!query) throw new AwsError("ResourceNotFoundException", "The specified query does not exist.");
    return query;
  };
  return {
    StartQuery: (input) => {
      const query = start(context, store, input);
      queries.set(query.queryId, query);
      return { queryId: query.queryId };
    },
    GetQueryResults: ({ queryId }) => {
      const { results, scanned, matched } = find(queryId);
      return {
        status: "Complete",
        results,
        statistics: { recordsMatched: matched, recordsScanned: scanned, bytesScanned: 0 },
      };
    },
    StopQuery: ({ queryId }) => {
      find(queryId);
      // It has ended already.
      return { success: false };
    },
    DescribeQueries: () => ({
      queries: [...queries.values()].map(({ queryId, text, createdAt, groups }) => ({
        ...{ queryId, queryString: text, createTime: createdAt, logGroupName: groups[0] },
        status: "Complete" as const,
      })),
    }),
    DescribeQueryDefinitions: () => ({ queryDefinitions: [] }),
  };
}

/** Times of a query are in seconds. */
function start(context: CloudContext, store: LogStore, input: InputOf<typeof sdk, "StartQuery">): Query {
  const named = [...(input.logGroupNames ?? []), ...(input.logGroupIdentifiers ?? []).map(groupName)];
  const groups = named.length > 0 ? named : [groupOf(input)];
  const text = input.queryString ?? "";
  const query = parseQuery(text);
  const { startTime = 0, endTime = 0, limit } = input;
  const events = groups
    .flatMap((name) => store.events(store.get(name)).map((event) => ({ ...event, group: name })))
    .filter(({ time }) => time >= startTime * 1000 && time < (endTime + 1) * 1000);
  const { rows, matched } = runQuery({ ...query, limit: limit ?? query.limit }, events, context.accountId);
  const results = rows.map((row) => row.map(([field, value]) => ({ field, value })));
  const createdAt = context.clock.now();
  return { queryId: randomUUID(), createdAt, groups, text, results, scanned: events.length, matched };
}

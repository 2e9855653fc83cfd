import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers, type InputOf } from "../wire/contract.ts";
import type { LogGroup, LogStore, LogStream } from "./log-store.ts";
import { groupArn, groupName, viewGroup, viewStream } from "./views.ts";

const PAGE = 50;
const TOKEN_ERROR = "InvalidParameterException";

/** Groups and streams, and what people set on them. */
export function groupHandlers(context: CloudContext, store: LogStore): Handlers<typeof sdk> {
  return {
    ...listHandlers(context, store),
    ...writeHandlers(store),
    ...tagHandlers(store),
    // Nothing here filters metrics out of logs or passes them on.
    DescribeMetricFilters: () => ({ metricFilters: [] }),
    DescribeSubscriptionFilters: () => ({ subscriptionFilters: [] }),
    DescribeDestinations: () => ({ destinations: [] }),
    DescribeExportTasks: () => ({ exportTasks: [] }),
    DescribeResourcePolicies: () => ({ resourcePolicies: [] }),
    DescribeAccountPolicies: () => ({ accountPolicies: [] }),
  };
}

function listHandlers(context: CloudContext, store: LogStore): Handlers<typeof sdk> {
  return {
    DescribeLogGroups: (input) => {
      const found = store.list().filter(groupSelector(context, input));
      const page = paginate(found, { limit: input.limit ?? PAGE, token: input.nextToken, tokenError: TOKEN_ERROR });
      return { logGroups: page.items.map((group) => viewGroup(context, group)), nextToken: page.nextToken };
    },
    ListLogGroups: (input) => {
      const pattern = input.logGroupNamePattern ?? "";
      const found = store.list().filter(({ name }) => name.includes(pattern));
      const page = paginate(found, { limit: input.limit ?? PAGE, token: input.nextToken, tokenError: TOKEN_ERROR });
      const logGroups = page.items.map(({ name }) => ({
        ...{ logGroupName: name, logGroupArn: groupArn(context, name) },
        logGroupClass: "STANDARD" as const,
      }));
      return { logGroups, nextToken: page.nextToken };
    },
    DescribeLogStreams: (input) => {
      const group = store.get(groupOf(input));
      const byTime = input.orderBy === "LastEventTime";
      if (byTime && input.logStreamNamePrefix !== undefined)
        throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
      const prefix = input.logStreamNamePrefix ?? "";
      const streams = [...group.streams.values()].filter(({ name }) => name.startsWith(prefix));
      streams.sort(byTime ? byLastEvent : byName);
      if (input.descending) streams.reverse();
      const page = paginate(streams, { limit: input.limit ?? PAGE, token: input.nextToken, tokenError: TOKEN_ERROR });
      return {
        logStreams: page.items.map((stream) => viewStream(context, group, stream)),
        nextToken: page.nextToken,
      };
    },
  };
}

function groupSelector(
  context: CloudContext,
  input: InputOf<typeof sdk, "DescribeLogGroups">,
): (group: LogGroup) => boolean {
  const { logGroupNamePrefix: prefix = "", logGroupNamePattern: pattern = "", logGroupIdentifiers: wanted } = input;
  if (prefix !== "" && pattern !== "")
    throw invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  return ({ name }) =>
    name.startsWith(prefix) &&
    name.toLowerCase().includes(pattern.toLowerCase()) &&
    (wanted === undefined || wanted.includes(name) || wanted.includes(groupArn(context, name)));
}

function writeHandlers(store: LogStore): Handlers<typeof sdk> {
  return {
    CreateLogGroup: (input) => {
      const name = required(input.logGroupName, "logGroupName", TOKEN_ERROR);
      if (store.find(name)) throw new AwsError(EXISTS, "The specified log group already exists");
      const group = store.putGroup(name);
      for (const [key, value] of Object.entries(input.tags ?? {})) group.tags.set(key, value);
      return {};
    },
    DeleteLogGroup: ({ logGroupName }) => {
      store.deleteGroup(store.get(logGroupName ?? "").name);
      return {};
    },
    PutRetentionPolicy: ({ logGroupName, retentionInDays }) => {
      store.get(logGroupName ?? "").retentionDays = retentionInDays;
      return {};
    },
    DeleteRetentionPolicy: ({ logGroupName }) => {
      store.get(logGroupName ?? "").retentionDays = undefined;
      return {};
    },
    CreateLogStream: ({ logGroupName, logStreamName = "" }) => {
      const group = store.get(logGroupName ?? "");
      if (group.streams.has(logStreamName)) throw new AwsError(EXISTS, "The specified log stream already exists");
      store.putStream(group, logStreamName);
      return {};
    },
    PutLogEvents: ({ logGroupName, logStreamName = "", logEvents = [] }) => {
      const group = store.get(logGroupName ?? "");
      if (!group.streams.has(logStreamName)) throw streamNotFound();
      for (const { message = "", timestamp } of logEvents) store.write(group.name, logStreamName, message, timestamp);
      return { nextSequenceToken: "0" };
    },
  };
}

function tagHandlers(store: LogStore): Handlers<typeof sdk> {
  return {
    ListTagsForResource: ({ resourceArn }) => ({ tags: Object.fromEntries(tagged(store, resourceArn).tags) }),
    ListTagsLogGroup: ({ logGroupName }) => ({ tags: Object.fromEntries(store.get(logGroupName ?? "").tags) }),
    TagResource: ({ resourceArn, tags = {} }) => {
      for (const [key, value] of Object.entries(tags)) tagged(store, resourceArn).tags.set(key, value);
      return {};
    },
    UntagResource: ({ resourceArn, tagKeys = [] }) => {
      for (const key of tagKeys) tagged(store, resourceArn).tags.delete(key);
      return {};
    },
  };
}

const EXISTS = "ResourceAlreadyExistsException";

function tagged(store: LogStore, arn: string | undefined): LogGroup {
  return store.get(groupName(arn ?? ""));
}

/** Operations take a group by name, or by name or ARN in another member. */
export function groupOf(input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }): string {
  return groupName(required(input.logGroupName ?? input.logGroupIdentifier, "logGroupName", TOKEN_ERROR));
}

export function streamNotFound(): AwsError {
  return new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
}

function invalid(message: string): AwsError {
  return new AwsError(TOKEN_ERROR, message);
}

function byName(one: LogStream, other: LogStream): number {
  return one.name < other.name ? -1 : 1;
}

function byLastEvent(one: LogStream, other: LogStream): number {
  return (one.lastEventAt ?? 0) - (other.lastEventAt ?? 0) || byName(one, other);
}

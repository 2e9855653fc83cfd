import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CloudContext } from "../context/context.ts";
import type { LogEvent, LogGroup, LogStream } from "./log-store.ts";

export function groupArn({ region, accountId }: Pick<CloudContext, "region" | "accountId">, name: string): string {
  return `arn:aws:logs:${region}:${accountId}:log-group:${name}`;
}

/** The name of a group, which operations also take as its ARN. */
export function groupName(nameOrArn: string): string {
  return /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+)(:\*)?$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}

export function viewGroup(context: CloudContext, group: LogGroup): sdk.LogGroup {
  const arn = groupArn(context, group.name);
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    ...(group.retentionDays !== undefined && { retentionInDays: group.retentionDays }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    storedBytes: group.storedBytes,
    logGroupClass: "STANDARD",
  };
}

export function viewStream(context: CloudContext, group: LogGroup, stream: LogStream): sdk.LogStream {
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    firstEventTimestamp: stream.firstEventAt,
    lastEventTimestamp: stream.lastEventAt,
    lastIngestionTime: stream.lastIngestedAt,
    uploadSequenceToken: sequenceText(0),
    arn: `${groupArn(context, group.name)}:log-stream:${stream.name}`,
    // As on AWS, which says the size of groups only.
    storedBytes: 0,
  };
}

export function viewFiltered(event: LogEvent): sdk.FilteredLogEvent {
  return {
    logStreamName: event.stream,
    timestamp: event.time,
    message: event.message,
    ingestionTime: event.ingestedAt,
    eventId: sequenceText(event.sequence),
  };
}

export function viewEvent(event: LogEvent): sdk.OutputLogEvent {
  return { timestamp: event.time, message: event.message, ingestionTime: event.ingestedAt };
}

/** 56 digits, as CloudWatch Logs' ids of events have. */
export function sequenceText(sequence: number): string {
  return String(sequence).padStart(56, "0");
}

import { expect, test } from "vitest";
import { testContext } from "../testing/context.ts";
import { client } from "../testing/service-context.ts";
import { createLogs } from "./logs.ts";

const GROUP = "/aws/lambda/step";

function logsOf(lines: readonly (readonly [stream: string, time: number, message: string])[]) {
  const logs = createLogs(testContext());
  for (const [stream, time, message] of lines) logs.store.write(GROUP, stream, message, time);
  return { store: logs.store, aws: client(logs.handlers) };
}

test("16.4: events of all streams come in the order of time, page by page", async () => {
  const { aws } = logsOf([
    ["a", 30, "third"],
    ["b", 10, "first"],
    ["b", 20, "second"],
  ]);

  const one = await aws("FilterLogEvents", { logGroupName: GROUP, limit: 2 });
  const two = await aws("FilterLogEvents", { logGroupName: GROUP, limit: 2, nextToken: one.nextToken });

  expect(one.events?.map(({ message }) => message)).toEqual(["first", "second"]);
  expect(two.events?.map(({ message, logStreamName }) => [logStreamName, message])).toEqual([["a", "third"]]);
  expect(two.nextToken).toBeUndefined();
});

test("16.4: a follower that asks again from its last event finds what is new, under ids of their own", async () => {
  const { store, aws } = logsOf([["a", 10, "first"]]);
  const before = await aws("FilterLogEvents", { logGroupName: GROUP, startTime: 0 });
  store.write(GROUP, "a", "second", 10);

  const after = await aws("FilterLogEvents", { logGroupName: GROUP, startTime: 10 });

  const seen = new Set(before.events?.map(({ eventId }) => eventId));
  expect(after.events?.filter(({ eventId }) => !seen.has(eventId)).map(({ message }) => message)).toEqual(["second"]);
});

test("16.4: GetLogEvents begins at the end, goes both ways, and gives back the token that leads no further", async () => {
  const { aws } = logsOf([1, 2, 3, 4].map((n) => ["a", n, String(n)] as const));
  const read = (nextToken?: string) =>
    aws("GetLogEvents", { logGroupName: GROUP, logStreamName: "a", limit: 2, nextToken });

  const last = await read();
  const earlier = await read(last.nextBackwardToken);
  const none = await read(last.nextForwardToken);

  expect([last, earlier, none].map(({ events = [] }) => events.map(({ message }) => message))).toEqual([
    ["3", "4"],
    ["1", "2"],
    [],
  ]);
  expect(none.nextForwardToken).toBe(last.nextForwardToken);
});

test("16.4: groups and streams are listed as people look for them", async () => {
  const { store, aws } = logsOf([
    ["old", 10, "x"],
    ["new", 20, "y"],
  ]);
  store.putGroup("/aws/other", { retentionDays: 90 });

  const groups = await aws("DescribeLogGroups", { logGroupNamePrefix: "/aws/o" });
  const streams = await aws("DescribeLogStreams", { logGroupName: GROUP, orderBy: "LastEventTime", descending: true });

  expect(groups.logGroups?.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])).toEqual([
    ["/aws/other", 90],
  ]);
  expect(streams.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(["new", "old"]);
});

test("16.4: what is not there is said as CloudWatch Logs says it", async () => {
  const { aws } = logsOf([["a", 1, "x"]]);

  await expect(aws("FilterLogEvents", { logGroupName: "none" })).rejects.toMatchObject({
    code: "ResourceNotFoundException",
    message: "The specified log group does not exist.",
  });
  await expect(aws("GetLogEvents", { logGroupName: GROUP, logStreamName: "none" })).rejects.toMatchObject({
    message: "The specified log stream does not exist.",
  });
});

test("a group keeps its newest events when it is full, and none beyond its retention", async () => {
  const now = Date.now();
  const { store, aws } = logsOf([["a", now - 2 * 86_400_000, "old"]]);
  store.putGroup(GROUP, { retentionDays: 1 });
  for (let n = 0; n < 30; n++) store.write(GROUP, "a", `${n}${"x".repeat(100_000)}`, now);

  const { events = [] } = await aws("FilterLogEvents", { logGroupName: GROUP, limit: 10_000 });

  expect(events.some(({ message }) => message === "old")).toBe(false);
  expect(store.events(store.get(GROUP)).at(-1)?.message.slice(0, 2)).toBe("29");
  expect(store.get(GROUP).storedBytes).toBeLessThan(2_100_000);
});

test("a query of Logs Insights is done at once", async () => {
  const { aws } = logsOf([
    ["a", 1_000, '{"level":"ERROR","message":"no quorum"}'],
    ["a", 2_000, '{"level":"INFO","message":"fine"}'],
  ]);
  const queryString = "fields @timestamp, message | filter level = 'ERROR' | sort @timestamp desc | limit 5";

  const { queryId } = await aws("StartQuery", { logGroupName: GROUP, startTime: 0, endTime: 10, queryString });
  const answer = await aws("GetQueryResults", { queryId });

  expect(answer.status).toBe("Complete");
  expect(answer.results?.map((row) => row.map(({ field, value }) => [field, value]))).toEqual([
    [
      ["@timestamp", "1970-01-01 00:00:01.000"],
      ["message", "no quorum"],
      ["@ptr", "1"],
    ],
  ]);
});

import { expect, test } from "vitest";
import { flowLine } from "./flow-log.ts";
import type { Execution, StateMachine } from "./model.ts";

const GROUP = "arn:aws:logs:us-west-2:123456789012:log-group:/aws/vendedlogs/states/repair:*";
const revision: Execution["revision"] = {
  ...{ revisionId: "abcdef01-2345", stateMachineArn: "arn:machine", name: "repair", roleArn: "arn:role" },
  ...{
    text: "{}",
    definition: { QueryLanguage: "JSONata" as const, StartAt: "A", States: {} },
    updateDate: new Date(0),
  },
};
const execution: Execution = {
  ...{ arn: "arn:execution", name: "one", revision, input: "{}", status: "RUNNING", redriveCount: 0, events: [] },
  startDate: new Date("2026-11-29T10:05:30Z"),
  root: { state: "A", input: {}, variables: {}, entered: false, children: [] },
};

function machine(level: "ALL" | "ERROR" | "FATAL" | "OFF", includeExecutionData = false): StateMachine {
  return {
    ...{ arn: "arn:machine", name: "repair", creationDate: new Date(0), revision, tags: new Map() },
    loggingConfiguration: {
      ...{ level, includeExecutionData },
      destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: GROUP } }],
    },
  };
}

const ENTERED = {
  ...{ id: 2, previousEventId: 1, timestamp: new Date(1_000), type: "TaskStateEntered" as const },
  stateEnteredEventDetails: { name: "A", input: '{"secret":1}' },
};
const FAILED = { id: 3, previousEventId: 2, timestamp: new Date(2_000), type: "ExecutionFailed" as const };

test("16.4: an event goes to the machine's group as Step Functions writes it, without data unless asked for", () => {
  const line = flowLine(machine("ALL"), execution, ENTERED);

  expect(line).toMatchObject({
    group: "/aws/vendedlogs/states/repair",
    stream: "states/repair/2026-11-29-10-05/abcdef01",
    time: 1_000,
  });
  expect(JSON.parse(line?.message ?? "")).toEqual({
    ...{ id: "2", type: "TaskStateEntered", details: { name: "A" }, redrive_count: "0", previous_event_id: "1" },
    ...{ event_timestamp: "1000", execution_arn: "arn:execution" },
  });
  expect(flowLine(machine("ALL", true), execution, ENTERED)?.message).toContain("secret");
});

test.each([
  ["ALL", [true, true]],
  ["ERROR", [false, true]],
  ["FATAL", [false, true]],
  ["OFF", [false, false]],
] as const)("the level %s logs what it names", (level, expected) => {
  const logged = [ENTERED, FAILED].map((event) => flowLine(machine(level), execution, event) !== undefined);
  expect(logged).toEqual(expected);
});

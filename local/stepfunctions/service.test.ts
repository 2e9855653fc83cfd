import { expect, test } from "vitest";
import { hang, oneState, oneTask, pass, scripted, stepFunctions } from "../testing/stepfunctions.ts";

const waiting = oneState({ Type: "Wait", Seconds: 60, End: true });

test("the same name and input while the execution is open is the same execution", async () => {
  const { aws, create, clock } = stepFunctions();
  const stateMachineArn = create(waiting);

  const first = await aws("StartExecution", { stateMachineArn, name: "op-1", input: '{"a":1}' });
  await clock.advance(1000);
  const again = await aws("StartExecution", { stateMachineArn, name: "op-1", input: '{"a":1}' });

  expect(again).toEqual(first);
});

test("a name is taken by another input, and after the end for 90 days", async () => {
  const { aws, create, clock } = stepFunctions();
  const stateMachineArn = create(waiting);
  const start = (input: string) => aws("StartExecution", { stateMachineArn, name: "op-1", input });
  await start("{}");

  await expect(start('{"other":true}')).rejects.toMatchObject({ code: "ExecutionAlreadyExists", status: 400 });
  await clock.advance(60_000);
  await expect(start("{}")).rejects.toMatchObject({ code: "ExecutionAlreadyExists" });
  await clock.advance(91 * 24 * 3_600_000);

  await expect(start("{}")).resolves.toMatchObject({ startDate: new Date(clock.now()) });
});

test.each([[""], ["x".repeat(81)], ["with space"], ["a/b"], ["a:b"], ["a*"]])(
  "the name %j is invalid",
  async (name) => {
    const { aws, create } = stepFunctions();

    const starting = aws("StartExecution", { stateMachineArn: create(waiting), name });

    await expect(starting).rejects.toMatchObject({ code: "InvalidName" });
  },
);

test("input must be JSON, and the machine must exist", async () => {
  const { aws, create } = stepFunctions();
  const stateMachineArn = create(waiting);

  await expect(aws("StartExecution", { stateMachineArn, input: "{" })).rejects.toMatchObject({
    code: "InvalidExecutionInput",
  });
  await expect(aws("StartExecution", { stateMachineArn: `${stateMachineArn}-not` })).rejects.toMatchObject({
    code: "StateMachineDoesNotExist",
  });
  await expect(aws("StartExecution", { stateMachineArn: "nonsense" })).rejects.toMatchObject({ code: "InvalidArn" });
});

test("executions are listed newest first, page by page, and by status", async () => {
  const { aws, create, clock } = stepFunctions();
  const stateMachineArn = create(waiting);
  for (const name of ["one", "two", "three"]) {
    await aws("StartExecution", { stateMachineArn, name });
    await clock.advance(1000);
  }
  await aws("StopExecution", { executionArn: `${stateMachineArn.replace("stateMachine", "execution")}:two` });

  const first = await aws("ListExecutions", { stateMachineArn, maxResults: 2 });
  const second = await aws("ListExecutions", { stateMachineArn, maxResults: 2, nextToken: first.nextToken });
  const aborted = await aws("ListExecutions", { stateMachineArn, statusFilter: "ABORTED" });

  expect(first.executions?.map(({ name }) => name)).toEqual(["three", "two"]);
  expect(second.executions?.map(({ name }) => name)).toEqual(["one"]);
  expect(second.nextToken).toBeUndefined();
  expect(aborted.executions?.map(({ name }) => name)).toEqual(["two"]);
  await expect(aws("ListExecutions", { stateMachineArn, nextToken: "!" })).rejects.toMatchObject({
    code: "InvalidToken",
  });
});

test("the history comes in pages and in either order", async () => {
  const { run, aws } = stepFunctions();
  const { executionArn } = await run(oneState(pass()));

  const first = await aws("GetExecutionHistory", { executionArn, maxResults: 3 });
  const second = await aws("GetExecutionHistory", { executionArn, maxResults: 3, nextToken: first.nextToken });
  const reverse = await aws("GetExecutionHistory", { executionArn, reverseOrder: true });

  expect(first.events?.map(({ type }) => type)).toEqual(["ExecutionStarted", "PassStateEntered", "PassStateExited"]);
  expect(second.events?.map(({ type }) => type)).toEqual(["ExecutionSucceeded"]);
  expect(reverse.events?.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
});

test("a stop ends the execution at once, without running a catcher", async () => {
  const { started, aws, ended } = stepFunctions({ invokeLambda: hang });
  const executionArn = await started(
    oneTask({ Catch: [{ ErrorEquals: ["States.ALL"], Next: "End" }] }, { End: pass() }),
  );

  await aws("StopExecution", { executionArn, error: "Operator", cause: "enough" });

  const execution = await ended(executionArn);
  expect(execution).toMatchObject({ status: "ABORTED", error: "Operator", cause: "enough" });
  expect(execution.types).toEqual([
    "ExecutionStarted",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "ExecutionAborted",
  ]);
});

test("a stop leaves an execution that has ended as it was", async () => {
  const { run, aws } = stepFunctions();
  const { executionArn, stopDate } = await run(oneState(pass()));

  expect(await aws("StopExecution", { executionArn })).toEqual({ stopDate });
  expect(await aws("DescribeExecution", { executionArn })).toMatchObject({ status: "SUCCEEDED" });
});

test("the bus hears of every change of status", async () => {
  const { run, context } = stepFunctions();

  const { executionArn } = await run(oneState(pass()), { a: 1 });

  const [started, succeeded] = context.events;
  expect(started).toMatchObject({
    source: "aws.states",
    detailType: "Step Functions Execution Status Change",
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: "arn:aws:states:us-west-2:111122223333:stateMachine:machine",
      status: "RUNNING",
      startDate: Date.parse("2026-11-22T12:00:00Z"),
      stopDate: null,
      input: '{"a":1}',
      output: null,
    },
  });
  expect(succeeded?.detail).toMatchObject({
    status: "SUCCEEDED",
    output: '{"a":1}',
    outputDetails: { included: true },
  });
});

test("a redrive continues at the state that failed, with what was assigned before", async () => {
  const { run, aws, clock, ended } = stepFunctions({ invokeLambda: scripted("Broken", { payload: "fixed" }) });
  const definition = {
    StartAt: "Before",
    States: {
      Before: { Type: "Pass", Assign: { kept: "yes" }, Next: "Work" },
      Work: { ...oneTask().States.Work, Output: "{% $kept & ' ' & $states.result.Payload %}" },
    },
  };
  const { executionArn, redriveStatus } = await run(definition);

  await aws("RedriveExecution", { executionArn });
  await clock.advance(0);

  expect(redriveStatus).toBe("REDRIVABLE");
  const execution = await ended(executionArn ?? "");
  expect(execution).toMatchObject({ status: "SUCCEEDED", output: "yes fixed", redriveCount: 1 });
  const redriven = execution.types.indexOf("ExecutionRedriven");
  expect(execution.types.slice(redriven)).toEqual([
    "ExecutionRedriven",
    "TaskScheduled",
    "TaskStarted",
    "TaskSucceeded",
    "TaskStateExited",
    "ExecutionSucceeded",
  ]);
});

test("a redrive of a parallel state runs only the branches that did not succeed", async () => {
  const calls: string[] = [];
  const { run, aws, clock, ended } = stepFunctions({
    invokeLambda: async (_, payload) => {
      calls.push(String(payload));
      if (payload === "bad" && calls.length < 3) return { functionError: { errorType: "Broken" } };
      return { payload };
    },
  });
  const branch = (name: string) => ({ ...oneTask({ Arguments: { FunctionName: "work", Payload: name } }) });
  const { executionArn } = await run(
    oneState({ Type: "Parallel", Branches: [branch("good"), branch("bad")], End: true }),
  );

  await aws("RedriveExecution", { executionArn });
  await clock.advance(0);

  expect(await ended(executionArn ?? "")).toMatchObject({ status: "SUCCEEDED", output: ["good", "bad"] });
  expect(calls).toEqual(["good", "bad", "bad"]);
});

test("what succeeded, or failed more than 14 days ago, cannot be redriven", async () => {
  const { run, aws, clock } = stepFunctions({ invokeLambda: scripted({ payload: 1 }, "Broken") });
  const succeeded = await run(oneTask());
  const failed = await run(oneTask());
  await clock.advance(15 * 24 * 3_600_000);

  await expect(aws("RedriveExecution", { executionArn: succeeded.executionArn })).rejects.toMatchObject({
    code: "ExecutionNotRedrivable",
    message: "Execution is SUCCEEDED and cannot be redriven",
  });
  await expect(aws("RedriveExecution", { executionArn: failed.executionArn })).rejects.toMatchObject({
    message: "Execution redrivable period exceeded",
  });
});

test("machines are described and listed, and carry tags", async () => {
  const { aws, create } = stepFunctions();
  const stateMachineArn = create({ Comment: "Waits", ...waiting }, "b");
  create(waiting, "a");

  await aws("TagResource", { resourceArn: stateMachineArn, tags: [{ key: "project", value: "holdfast" }] });

  expect((await aws("ListStateMachines", {})).stateMachines?.map(({ name }) => name)).toEqual(["a", "b"]);
  const description = await aws("DescribeStateMachine", { stateMachineArn });
  expect(description).toMatchObject({ name: "b", status: "ACTIVE", type: "STANDARD", description: "Waits" });
  expect(JSON.parse(description.definition ?? "")).toMatchObject({ StartAt: "Only" });
  expect(await aws("ListTagsForResource", { resourceArn: stateMachineArn })).toEqual({
    tags: [{ key: "project", value: "holdfast" }],
  });
});

test("a running execution keeps the definition that it began with", async () => {
  const { started, create, aws } = stepFunctions();
  const executionArn = await started(waiting);

  create(oneState(pass()));

  const mine = await aws("DescribeStateMachineForExecution", { executionArn });
  expect(JSON.parse(mine.definition ?? "").States.Only.Type).toBe("Wait");
});

test("after a restart closed executions are still there, and those that ran continue where they were", async () => {
  const before = stepFunctions();
  const done = await before.run(oneState(pass()), { a: 1 });
  const executionArn = await before.started(waiting);
  await before.service.close();
  const snapshot: unknown = JSON.parse(JSON.stringify(before.service.snapshot()));

  const after = stepFunctions({ restored: snapshot, clock: before.clock });

  expect(await after.ended(done.executionArn ?? "")).toEqual(done);
  after.service.resume();
  await after.clock.advance(60_000);
  expect(await after.ended(executionArn)).toMatchObject({ status: "SUCCEEDED" });
  expect(after.context.events.map(({ detail }) => detail["status"])).toEqual(["SUCCEEDED"]);
  const { events = [] } = await after.aws("GetExecutionHistory", { executionArn });
  expect(events.filter(({ type }) => type === "ExecutionStarted").length).toBe(1);
});

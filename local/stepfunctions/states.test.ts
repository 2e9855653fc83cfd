import { expect, test } from "vitest";
import { INVOKE, oneState, oneTask, pass, stepFunctions } from "../testing/stepfunctions.ts";

test("a task hands its arguments to the function and its output to the caller", async () => {
  const { run } = stepFunctions();

  const execution = await run(oneTask(), { a: 1 });

  expect(execution).toMatchObject({ status: "SUCCEEDED", output: { a: 1 } });
  expect(execution.types).toEqual([
    "ExecutionStarted",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskSucceeded",
    "TaskStateExited",
    "ExecutionSucceeded",
  ]);
});

test("a wait lasts its seconds, or until its time", async () => {
  const { run } = stepFunctions();

  const execution = await run(
    {
      StartAt: "Seconds",
      States: {
        Seconds: { Type: "Wait", Seconds: "{% $states.input.seconds %}", Next: "Until" },
        Until: { Type: "Wait", Timestamp: "2026-11-22T13:00:00Z", End: true },
      },
    },
    { seconds: 7 },
  );

  expect(execution.elapsedMs).toBe(3_600_000);
});

test("a wait for a time in the past is over at once", async () => {
  const { run } = stepFunctions();

  const execution = await run(oneState({ Type: "Wait", Timestamp: "2020-01-01T00:00:00Z", End: true }));

  expect(execution).toMatchObject({ status: "SUCCEEDED", elapsedMs: 0 });
});

const choosing = {
  StartAt: "Choose",
  States: {
    Choose: {
      Type: "Choice",
      Choices: [
        { Condition: "{% $states.input.size > 100 %}", Assign: { tier: "large" }, Next: "Show" },
        { Condition: "{% $states.input.size > 10 %}", Output: { note: "medium" }, Next: "Echo" },
      ],
      Default: "Show",
      Assign: { tier: "small" },
    },
    Show: pass({ Output: "{% $tier %}" }),
    Echo: pass(),
  },
};

test.each([
  [200, "large"],
  [20, { note: "medium" }],
  [2, "small"],
])(
  "a choice of size %i takes the first rule that matches, else the default, with that one's own data",
  async (size, output) => {
    const { run } = stepFunctions();

    expect(await run(choosing, { size })).toMatchObject({ status: "SUCCEEDED", output });
  },
);

test("a choice that nothing matches fails with States.NoChoiceMatched", async () => {
  const { run } = stepFunctions();
  const state = { Type: "Choice", Choices: [{ Condition: "{% $states.input.a %}", Next: "Only" }] };

  expect(await run(oneState(state), { a: false })).toMatchObject({ status: "FAILED", error: "States.NoChoiceMatched" });
});

test("a fail state fails with its own error and an evaluated cause", async () => {
  const { run } = stepFunctions();
  const state = { Type: "Fail", Error: "QuorumAtRisk", Cause: "{% 'member ' & $states.input.member %}" };

  const execution = await run(oneState(state), { member: "b" });

  expect(execution).toMatchObject({ status: "FAILED", error: "QuorumAtRisk", cause: "member b" });
  expect(execution.types).toEqual(["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]);
});

test("variables outlive the state that assigns them; Assign and Output see them as they were on entry", async () => {
  const { run } = stepFunctions();

  const execution = await run({
    StartAt: "First",
    States: {
      First: { Type: "Pass", Assign: { x: 1 }, Next: "Second" },
      Second: { Type: "Pass", Assign: { x: 42, before: "{% $x %}" }, Output: { inside: "{% $x %}" }, Next: "Third" },
      Third: pass({ Output: { inside: "{% $states.input.inside %}", x: "{% $x %}", before: "{% $before %}" } }),
    },
  });

  expect(execution.output).toEqual({ inside: 1, x: 42, before: 1 });
});

test("the context object says to a state who and where it is", async () => {
  const { run } = stepFunctions();
  const context = "$states.context";

  const execution = await run(
    oneState(
      pass({
        Output: {
          id: `{% ${context}.Execution.Id %}`,
          input: `{% ${context}.Execution.Input.a %}`,
          role: `{% ${context}.Execution.RoleArn %}`,
          started: `{% ${context}.Execution.StartTime %}`,
          state: `{% ${context}.State.Name %}`,
          retries: `{% ${context}.State.RetryCount %}`,
          machine: `{% ${context}.StateMachine.Name %}`,
        },
      }),
    ),
    { a: 5 },
  );

  expect(execution.output).toEqual({
    id: execution.executionArn,
    input: 5,
    role: "arn:aws:iam::111122223333:role/machine",
    started: "2026-11-22T12:00:00.000Z",
    state: "Only",
    retries: 0,
    machine: "machine",
  });
});

test("expressions have Step Functions' own functions, and the clock of the local cloud", async () => {
  const { run } = stepFunctions({ random: () => 0.5 });

  const { output } = await run(
    oneState(
      pass({
        Output: {
          partition: "{% $partition([1,2,3], 2) %}",
          range: "{% $range(0, 4, 2) %}",
          hash: "{% $hash('a', 'SHA-256') %}",
          parse: "{% $parse('{\"a\":1}').a %}",
          uuid: "{% $length($uuid()) %}",
          random: "{% $random() %}",
          seeded: "{% $random(1) = $random(1) %}",
          now: "{% $now() %}",
          day: "{% $now('[Y0001]-[M01]-[D01]') %}",
          millis: "{% $millis() %}",
        },
      }),
    ),
  );

  expect(output).toEqual({
    partition: [[1, 2], [3]],
    range: [0, 2, 4],
    hash: "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    parse: 1,
    uuid: 36,
    random: 0.5,
    seeded: true,
    now: "2026-11-22T12:00:00.000Z",
    day: "2026-11-22",
    millis: Date.parse("2026-11-22T12:00:00Z"),
  });
});

test("an expression that gives nothing fails with States.QueryEvaluationError, and the history names the field", async () => {
  const { run } = stepFunctions();

  const execution = await run(oneState(pass({ Output: "{% $states.input.missing %}" })));

  expect(execution).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
  expect(execution.events.find(({ type }) => type === "EvaluationFailed")?.evaluationFailedEventDetails).toMatchObject({
    state: "Only",
    location: "Output",
    error: "States.QueryEvaluationError",
  });
});

test.each(["{% $eval('1+1') %}", "{% $undefinedVariable.x %}", "{% 1 + 'a' %}", "{% function($x) { $x } %}"])(
  "the expression %s is an evaluation error",
  async (expression) => {
    const { run } = stepFunctions();

    expect(await run(oneState(pass({ Output: expression })))).toMatchObject({ error: "States.QueryEvaluationError" });
  },
);

test("a result that no state may carry fails with States.DataLimitExceeded, which States.ALL does not catch", async () => {
  const { run } = stepFunctions({ invokeLambda: async () => ({ payload: "x".repeat(256 * 1024) }) });
  const catchAll = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }] };
  const catchByName = { Catch: [{ ErrorEquals: ["States.DataLimitExceeded"], Next: "Caught" }] };

  const uncaught = await run(oneTask(catchAll, { Caught: pass() }));
  const caught = await run(oneTask(catchByName, { Caught: pass() }));

  expect(uncaught).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  expect(caught.status).toBe("SUCCEEDED");
});

test("an execution whose history is full fails, and nothing catches that", async () => {
  const { run } = stepFunctions();
  const definition = {
    StartAt: "Tick",
    States: {
      Tick: { Type: "Pass", Next: "Tock" },
      Tock: { Type: "Choice", Choices: [{ Condition: false, Next: "End" }], Default: "Tick" },
      End: pass(),
    },
  };

  const execution = await run(definition);

  expect(execution).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  expect(execution.cause).toContain("25000");
});

test("a task with a function's own ARN gets and gives the payload itself, and has events of its own", async () => {
  const { run } = stepFunctions();
  const state = { Type: "Task", Resource: "arn:aws:lambda:us-west-2:111122223333:function:work", End: true };

  const execution = await run(oneState(state), { a: 1 });

  expect(execution.output).toEqual({ a: 1 });
  expect(execution.types.slice(2, 5)).toEqual([
    "LambdaFunctionScheduled",
    "LambdaFunctionStarted",
    "LambdaFunctionSucceeded",
  ]);
});

test("lambda:invoke answers with the payload, the version and the status", async () => {
  const { run } = stepFunctions();
  const state = { Type: "Task", Resource: INVOKE, Arguments: { FunctionName: "work", Payload: { a: 1 } }, End: true };

  const { output } = await run(oneState(state));

  expect(output).toEqual({ ExecutedVersion: "$LATEST", Payload: { a: 1 }, StatusCode: 200 });
});

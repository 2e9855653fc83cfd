import { expect, test } from "vitest";
import {
  hang,
  INVOKE,
  type LambdaFake,
  named,
  oneTask,
  pass,
  scripted,
  stepFunctions,
} from "../testing/stepfunctions.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

test("a retry backs off by its rate, never longer than its maximum", async () => {
  const { run } = stepFunctions({ invokeLambda: scripted("Flaky", "Flaky", "Flaky", { payload: "done" }) });
  const Retry = [{ ErrorEquals: ["Flaky"], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 5, MaxAttempts: 3 }];

  const execution = await run(oneTask({ Retry }));

  expect(execution).toMatchObject({ output: "done", elapsedMs: 2000 + 5000 + 5000 });
});

test("where workflows are faster, retries and waits are, and time-outs are not", async () => {
  const { run } = stepFunctions({ speed: 20, invokeLambda: scripted("Flaky", { payload: "done" }) });
  const retried = oneTask({ Retry: [{ ErrorEquals: ["Flaky"], IntervalSeconds: 2 }] });
  const waiting = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 10, End: true } } };

  expect(await run(retried)).toMatchObject({ output: "done", elapsedMs: 100 });
  expect(await run(waiting)).toMatchObject({ elapsedMs: 500 });
  expect(await stepFunctions({ speed: 20, invokeLambda: hang }).run(oneTask({ TimeoutSeconds: 3 }))).toMatchObject({
    error: "States.Timeout",
    elapsedMs: 3_000,
  });
});

test("full jitter waits a random part of the interval", async () => {
  const { run } = stepFunctions({ invokeLambda: scripted("Flaky", { payload: "done" }), random: () => 0.25 });
  const Retry = [{ ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 2, JitterStrategy: "FULL" }];

  expect(await run(oneTask({ Retry }))).toMatchObject({ output: "done", elapsedMs: 500 });
});

test("each retrier has its own budget, three attempts unless it says otherwise", async () => {
  const answers = scripted("A", "B", "A", "A", "A");
  const { run } = stepFunctions({ invokeLambda: answers });
  const Retry = [{ ErrorEquals: ["A"] }, { ErrorEquals: ["B"], MaxAttempts: 1 }];

  const execution = await run(oneTask({ Retry }));

  expect(execution).toMatchObject({ status: "FAILED", error: "A" });
  expect(execution.types.filter((type) => type === "TaskFailed")).toHaveLength(5);
});

test("a state sees how often it was retried", async () => {
  const { run } = stepFunctions({ invokeLambda: scripted("Flaky", "Flaky", { payload: null }) });

  const execution = await run(
    oneTask({ Retry: [{ ErrorEquals: ["Flaky"] }], Output: "{% $states.context.State.RetryCount %}" }),
  );

  expect(execution.output).toBe(2);
});

test("a catcher assigns variables and hands on the error", async () => {
  const { run } = stepFunctions({ invokeLambda: scripted("ZoneUnavailable") });
  const Catch = [
    { ErrorEquals: ["Other"], Next: "Never" },
    { ErrorEquals: ["States.ALL"], Assign: { failure: "{% $states.errorOutput.Error %}" }, Next: "Record" },
  ];
  const Record = pass({
    Output: { failure: "{% $failure %}", cause: "{% $parse($states.input.Cause).errorMessage %}" },
  });

  const execution = await run(oneTask({ Catch }, { Record, Never: pass() }));

  expect(execution).toMatchObject({
    status: "SUCCEEDED",
    output: { failure: "ZoneUnavailable", cause: "ZoneUnavailable happened" },
  });
});

test("a catcher's Output replaces the error", async () => {
  const { run } = stepFunctions({ invokeLambda: scripted("Nope") });
  const Catch = [{ ErrorEquals: ["Nope"], Output: { from: "{% $states.input %}" }, Next: "End" }];

  expect(await run(oneTask({ Catch }, { End: pass() }), { a: 1 })).toMatchObject({ output: { from: { a: 1 } } });
});

test("a failing Output expression can be caught", async () => {
  const { run } = stepFunctions();
  const Catch = [{ ErrorEquals: ["States.QueryEvaluationError"], Output: "caught", Next: "End" }];

  expect(await run(oneTask({ Output: "{% $nope.x %}", Catch }, { End: pass() }))).toMatchObject({ output: "caught" });
});

test("0: a task's time does not run while its function waits for room on this machine", async () => {
  const clock = new VirtualClock();
  const after = (ms: number) => clock.sleep(ms);
  const queued: LambdaFake = async (_, payload, { onWait }) => {
    const room = after(90_000);
    onWait?.(room);
    await room;
    await after(20_000);
    return { payload };
  };
  const endless: LambdaFake = async (name, payload, options) => {
    await queued(name, payload, options);
    return hang(name, payload, options);
  };

  const inTime = await stepFunctions({ clock, invokeLambda: queued }).run(oneTask({ TimeoutSeconds: 30 }));
  const late = await stepFunctions({ invokeLambda: endless, clock }).run(oneTask({ TimeoutSeconds: 30 }));

  expect(inTime).toMatchObject({ status: "SUCCEEDED", elapsedMs: 110_000 });
  expect(late).toMatchObject({ error: "States.Timeout", elapsedMs: 120_000 });
});

test("a task that takes longer than its time limit fails with States.Timeout", async () => {
  const { run } = stepFunctions({ invokeLambda: hang });
  const fields = {
    TimeoutSeconds: "{% $states.input.limit %}",
    Catch: [{ ErrorEquals: ["States.Timeout"], Next: "End" }],
  };

  const execution = await run(oneTask(fields, { End: pass() }), { limit: 30 });

  expect(execution).toMatchObject({ output: { Error: "States.Timeout" }, elapsedMs: 30_000 });
  expect(execution.types).toContain("TaskTimedOut");
});

test("States.TaskFailed does not catch a time-out", async () => {
  const { run } = stepFunctions({ invokeLambda: hang });
  const fields = { TimeoutSeconds: 30, Catch: [{ ErrorEquals: ["States.TaskFailed"], Next: "End" }] };

  expect(await run(oneTask(fields, { End: pass() }))).toMatchObject({ status: "FAILED", error: "States.Timeout" });
});

test("a task that misses its heartbeat fails long before its time limit", async () => {
  const { run } = stepFunctions();
  const fields = { Resource: `${INVOKE}.waitForTaskToken`, HeartbeatSeconds: 10, TimeoutSeconds: 60 };

  expect(await run(oneTask(fields))).toMatchObject({ error: "States.HeartbeatTimeout", elapsedMs: 10_000 });
});

test("a function's error is known by its type, and the cause is its whole answer", async () => {
  const functionError = { errorType: "NotReadyYet", errorMessage: "volume is attaching", trace: ["at attach"] };
  const { run } = stepFunctions({ invokeLambda: async () => ({ functionError }) });

  const execution = await run(oneTask());

  expect(execution).toMatchObject({ status: "FAILED", error: "NotReadyYet" });
  expect(JSON.parse(execution.cause ?? "")).toEqual(functionError);
});

test("a function that ends without saying why is Lambda.Unknown", async () => {
  const { run } = stepFunctions({ invokeLambda: async () => ({ functionError: { errorMessage: "exited" } }) });

  expect(await run(oneTask())).toMatchObject({ error: "Lambda.Unknown" });
});

test.each([
  ["TooManyRequestsException", "Lambda.TooManyRequestsException"],
  ["ServiceException", "Lambda.ServiceException"],
  ["AccessDeniedException", "Lambda.AWSLambdaException"],
])("Lambda's own %s is %s to the machine", async (code, error) => {
  const { run } = stepFunctions({ invokeLambda: scripted(named(code, "no")) });

  expect(await run(oneTask())).toMatchObject({ status: "FAILED", error });
});

test("a machine that takes longer than its time limit times out without running a catcher", async () => {
  const { run } = stepFunctions({ invokeLambda: hang });
  const definition = oneTask({ Catch: [{ ErrorEquals: ["States.ALL"], Next: "End" }] }, { End: pass() });

  const execution = await run({ ...definition, TimeoutSeconds: 5 });

  expect(execution).toMatchObject({ status: "TIMED_OUT", elapsedMs: 5000 });
  expect(execution.types.at(-1)).toBe("ExecutionTimedOut");
});

import { expect, test } from "vitest";
import { INVOKE, type LambdaFake, oneState, oneTask, pass, scripted, stepFunctions } from "../testing/stepfunctions.ts";

const ITEMS = "{% $states.input.items %}";

function mapping(fields: object = {}, processor: object = oneTask()) {
  return oneState({ Type: "Map", Items: ITEMS, ItemProcessor: processor, End: true, ...fields });
}

/** Fails for the item 6. */
const failsForSix: LambdaFake = async (_, payload) =>
  payload === 6 ? { functionError: { errorType: "Six", errorMessage: "no six" } } : { payload };

test("a map runs its processor for each item, in order of the items", async () => {
  const { run } = stepFunctions();
  const ItemSelector = {
    value: "{% $states.context.Map.Item.Value %}",
    index: "{% $states.context.Map.Item.Index %}",
    shared: "{% $states.input.shared %}",
  };

  const { output } = await run(mapping({ ItemSelector }), { items: [5, 6], shared: 7 });

  expect(output).toEqual([
    { value: 5, index: 0, shared: 7 },
    { value: 6, index: 1, shared: 7 },
  ]);
});

test("a map runs no more iterations at a time than MaxConcurrency", async () => {
  const { run } = stepFunctions();
  const waiting = oneState({ Type: "Wait", Seconds: 10, End: true });

  const all = await run(mapping({}, waiting), { items: [1, 2, 3, 4] });
  const two = await run(mapping({ MaxConcurrency: 2 }, waiting), { items: [1, 2, 3, 4] });

  expect([all.elapsedMs, two.elapsedMs]).toEqual([10_000, 20_000]);
});

test("an inline map runs at most 40 iterations at a time", async () => {
  const { run } = stepFunctions();
  const waiting = oneState({ Type: "Wait", Seconds: 10, End: true });

  const execution = await run(mapping({}, waiting), { items: Array.from({ length: 41 }, (_, index) => index) });

  expect(execution.elapsedMs).toBe(20_000);
});

test("a map of nothing gives nothing", async () => {
  const { run } = stepFunctions();

  expect(await run(mapping(), { items: [] })).toMatchObject({ status: "SUCCEEDED", output: [] });
});

test("a map over what is no list is an evaluation error", async () => {
  const { run } = stepFunctions();

  expect(await run(mapping(), { items: 5 })).toMatchObject({ error: "States.QueryEvaluationError" });
});

test("an item that fails fails the map, under the item's own error", async () => {
  const { run } = stepFunctions({ invokeLambda: failsForSix });

  const execution = await run(mapping(), { items: [5, 6, 7] });

  expect(execution).toMatchObject({ status: "FAILED", error: "Six" });
  expect(execution.types).toContain("MapIterationFailed");
  expect(execution.types).toContain("MapStateFailed");
});

test.each([
  [{ ToleratedFailurePercentage: 50 }, "SUCCEEDED"],
  [{ ToleratedFailureCount: 1 }, "SUCCEEDED"],
  [{ ToleratedFailurePercentage: 20 }, "FAILED"],
  [{ ToleratedFailurePercentage: 20, ToleratedFailureCount: 1 }, "FAILED"],
])("one failure of three with tolerance %j ends as %s", async (tolerance, status) => {
  const { run } = stepFunctions({ invokeLambda: failsForSix });

  const execution = await run(mapping(tolerance), { items: [5, 6, 7] });

  expect(execution.status).toBe(status);
  if (status === "SUCCEEDED") {
    expect(execution.output).toMatchObject([5, { Error: "Six" }, 7]);
  } else {
    expect(execution.error).toBe("States.ExceedToleratedFailureThreshold");
  }
});

test("branches read outer variables, keep their own, and answer in the order of the branches", async () => {
  const { run } = stepFunctions();
  const first = {
    StartAt: "Assign",
    States: {
      Assign: { Type: "Pass", Assign: { mine: "{% $outer + 1 %}" }, Next: "Read" },
      Read: pass({ Output: "{% $mine %}" }),
    },
  };

  const { output } = await run({
    StartAt: "Outer",
    States: {
      Outer: { Type: "Pass", Assign: { outer: 1 }, Next: "Both" },
      Both: {
        Type: "Parallel",
        Branches: [first, oneState(pass({ Output: "{% $states.input %}" }))],
        Arguments: 3,
        End: true,
      },
    },
  });

  expect(output).toEqual([2, 3]);
});

test("a branch that fails aborts its siblings at once", async () => {
  const { run } = stepFunctions();
  const failing = oneState({ Type: "Fail", Error: "Broken", Cause: "by design" });
  const waiting = oneState({ Type: "Wait", Seconds: 999, End: true });

  const execution = await run(oneState({ Type: "Parallel", Branches: [failing, waiting], End: true }));

  expect(execution).toMatchObject({ status: "FAILED", error: "Broken", cause: "by design", elapsedMs: 0 });
  expect(execution.types).toContain("WaitStateAborted");
  expect(execution.types.slice(-2)).toEqual(["ParallelStateFailed", "ExecutionFailed"]);
});

test("a parallel state can retry as a whole and catch what a branch could not", async () => {
  const { run } = stepFunctions({ invokeLambda: scripted("Flaky", "Flaky") });
  const parallel = {
    Type: "Parallel",
    Branches: [oneTask()],
    Retry: [{ ErrorEquals: ["Flaky"], MaxAttempts: 1 }],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "End" }],
    End: true,
  };

  const execution = await run({ StartAt: "Both", States: { Both: parallel, End: pass() } });

  expect(execution).toMatchObject({ status: "SUCCEEDED", output: { Error: "Flaky" }, elapsedMs: 1000 });
  expect(execution.types.filter((type) => type === "ParallelStateFailed")).toHaveLength(2);
});

test("every event names the one before it in its own branch", async () => {
  const { run } = stepFunctions();
  const branch = (name: string) => ({ StartAt: name, States: { [name]: pass() } });

  const { events } = await run(oneState({ Type: "Parallel", Branches: [branch("Left"), branch("Right")], End: true }));

  expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const previousOf = new Map(events.map(({ id, previousEventId }) => [id, previousEventId]));
  const idsOf = (type: string, name: string) =>
    events
      .filter((event) => event.type === type)
      .filter((event) => (event.stateEnteredEventDetails ?? event.stateExitedEventDetails)?.name === name)
      .map(({ id }) => id);
  const started = events.find(({ type }) => type === "ParallelStateStarted")?.id;
  for (const name of ["Left", "Right"]) {
    expect(previousOf.get(idsOf("PassStateEntered", name)[0])).toBe(started);
    expect(previousOf.get(idsOf("PassStateExited", name)[0])).toBe(idsOf("PassStateEntered", name)[0]);
  }
});

test("a task token belongs to one attempt of one iteration", async () => {
  const tokens = new Set<string>();
  const invokeLambda: LambdaFake = async (_, payload) => {
    tokens.add(String(payload));
    return { payload: null };
  };
  const { run } = stepFunctions({ invokeLambda });
  const waiting = oneState({
    Type: "Task",
    Resource: `${INVOKE}.waitForTaskToken`,
    Arguments: { FunctionName: "work", Payload: "{% $states.context.Task.Token %}" },
    TimeoutSeconds: 10,
    Retry: [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1 }],
    End: true,
  });

  await run(mapping({ ToleratedFailureCount: 2 }, waiting), { items: [1, 2] });

  expect(tokens.size).toBe(4);
});

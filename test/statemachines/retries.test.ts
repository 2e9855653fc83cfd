import { expect, test } from "vitest";
import { listFlows, readDefinition, readPolicies } from "../../scripts/definitions.ts";
import { readMachines, statesOf } from "./machines.ts";

const tasks = readMachines()
  .flatMap(statesOf)
  .flatMap(({ machine, name, state }) => (state.Type === "Task" ? [{ machine, name, state }] : []));
const invocations = tasks.filter(({ state }) => state.Resource.endsWith(":lambda:invoke"));
const waiting = invocations.filter(({ state }) => state.Retry?.some(({ ErrorEquals }) => isWaiting(ErrorEquals)));

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number | undefined;
  readonly BackoffRate?: number | undefined;
  readonly MaxDelaySeconds?: number | undefined;
  readonly MaxAttempts?: number | undefined;
  readonly JitterStrategy?: string | undefined;
}

function retrierOf(retriers: readonly Retrier[] | undefined, error: string): Retrier | undefined {
  return retriers?.find(({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes("States.ALL"));
}

function isWaiting(errors: readonly string[]): boolean {
  return errors.includes("NotReadyYet");
}

/** Seconds that a retrier waits in all, by what full jitter makes of each pause on average. */
function retryTimeOf({ IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity, MaxAttempts = 3 }: Retrier) {
  const pauses = Array.from({ length: MaxAttempts }, (_, used) =>
    Math.min(IntervalSeconds * BackoffRate ** used, MaxDelaySeconds),
  );
  return pauses.reduce((sum, pause) => sum + pause / 2, 0);
}

test.each(invocations)("0: $machine / $name is tried again after its time-out, whoever ended it", ({ name, state }) => {
  for (const error of ["Sandbox.Timedout", "States.Timeout", "TimeoutError", "Runtime.ExitError", "Lambda.Unknown"])
    expect([error, retrierOf(state.Retry, error)?.MaxAttempts]).toEqual([error, name === "Record failure" ? 8 : 10]);
});

test.each(invocations)(
  "1: $machine / $name outlasts an account without a free environment for 20 minutes",
  ({ state }) => {
    const throttled = retrierOf(state.Retry, "Lambda.TooManyRequestsException");

    expect(throttled?.ErrorEquals).toEqual(["Lambda.TooManyRequestsException"]);
    expect(throttled && retryTimeOf(throttled)).toBeGreaterThan(20 * 60);
  },
);

test.each(tasks)("12: $machine / $name spreads its retries", ({ state }) => {
  expect(state.Retry?.map(({ JitterStrategy }) => JitterStrategy)).toEqual(state.Retry?.map(() => "FULL"));
});

test.each(waiting)(
  "1: $machine / $name waits in the flow: soon at first, for minutes, at most ten seconds at a time",
  ({ machine, name, state }) => {
    const retrier = retrierOf(state.Retry, "NotReadyYet");

    expect(retrier).toMatchObject({ ErrorEquals: ["NotReadyYet"], IntervalSeconds: 1, BackoffRate: 1.5 });
    expect(retrier?.MaxDelaySeconds).toBeLessThanOrEqual(10);
    // An update's look at nodes is short, since a repair may wait for it.
    const isShort = machine === "update-cluster" && name === "Verify nodes";
    // One that catches the error itself goes back to where facts are read again, and from there here.
    const goesBack = state.Catch?.some(({ ErrorEquals }) => isWaiting(ErrorEquals));
    const minutes = goesBack ? 0.9 : isShort ? 3 : 14;
    expect(retrier && retryTimeOf(retrier)).toBeGreaterThan(minutes * 60);
  },
);

test("0: what may be throttled inside a step is waited for, but for answers to chats and the record of a failure", () => {
  const shortRetries = invocations.filter((task) => !waiting.includes(task)).map(({ name }) => name);

  expect(new Set(shortRetries)).toEqual(new Set(["Execute command", "Say that it failed", "Record failure"]));
});

test("a policy's name stands for its fields, and a task may change some of them", () => {
  const { States } = Object(readDefinition("place-master"));

  expect(States["Await instance"].Retry[0]).toEqual({
    ErrorEquals: ["NotReadyYet"],
    IntervalSeconds: 1,
    BackoffRate: 1.5,
    MaxDelaySeconds: 10,
    MaxAttempts: 360,
    JitterStrategy: "FULL",
  });
});

test("a name that no policy has is refused, and every policy is some task's", () => {
  const policies = readPolicies();
  const readWithout = (name: string) => () => {
    const { [name]: _, ...others } = policies;
    for (const flow of listFlows()) readDefinition(flow, others);
  };

  for (const name of Object.keys(policies))
    expect(readWithout(name)).toThrow(`statemachines/retries.yaml has no policy ${name}`);
});

import { expect } from "vitest";
import { NotReadyYet } from "../../../functions/domain/cluster/errors.ts";
import type { Begun } from "../../../functions/domain/cluster/records.ts";
import type { Deps } from "../../../functions/runtime/collaborators.ts";
import type { MemoryStore } from "./memory-store.ts";
import { TestClock } from "./test-clock.ts";

/** A step, before a test has handed it what it works with. */
type Step<Aws, Env, Input, Result> = (deps: Deps<Aws, Env>, input: Input, begun: Begun) => Promise<Result>;

/** What a step works with in a test. */
export interface Stage<Aws, Env> {
  readonly store: MemoryStore;
  /** Fakes of the calls that the test expects; any other fails it. */
  readonly aws: Partial<Aws>;
  readonly env?: Env;
  /** What the fakes have made, to be compared. */
  readonly made?: unknown;
}

const FIRST: Begun = {
  first: true,
  waitsSince: "2026-11-29T12:00:00.000Z",
  operationStartedAt: "2026-11-29T11:59:00.000Z",
  command: undefined,
};
export const AGAIN: Begun = { ...FIRST, first: false };
/** The first run of a step in the operation that creates the cluster. */
export const CREATING: Begun = { ...FIRST, operationStartedAt: "2026-11-29T11:00:00.000Z" };

/** Every call of AWS that is not given fails the test by its name. */
function only<Aws>(given: Partial<Aws>): Aws {
  return new Proxy(given, {
    get: (target, name) => {
      const known = Reflect.get(target, name);
      if (known !== undefined) return known;
      return () => Promise.reject(new Error(`the test expects no call of ${String(name)}`));
    },
  }) as Aws;
}

function depsOf<Aws, Env>({ store, aws, env }: Stage<Aws, Env>, clock: TestClock): Deps<Aws, Env> {
  return {
    store,
    aws: only<Aws>({ publish: async () => {}, ...aws } as Partial<Aws>),
    clock,
    env: env as Env,
  };
}

/** Runs a step once. */
export function run<Aws, Env, Input, Result>(
  step: Step<Aws, Env, Input, Result>,
  stage: Stage<Aws, Env>,
  input: Input,
  { begun = FIRST, clock = new TestClock() }: { begun?: Begun; clock?: TestClock } = {},
): Promise<Result> {
  return step(depsOf(stage, clock), input, begun);
}

/** The function has died: nothing that it asks for is heard. */
class Death extends Error {}

/** The same functions for somebody who dies as soon as so many have acted, before he learns of the last one. */
function mortal<F extends object>(functions: F, life: { left: number }): F {
  return new Proxy(functions, {
    get: (target, name) => {
      const known: unknown = Reflect.get(target, name);
      if (typeof known === "object" && known !== null) return mortal(known, life);
      if (typeof known !== "function") return known;
      return (...given: unknown[]) => {
        if (life.left <= 0) return Promise.reject(new Death("dead"));
        const answer: unknown = Reflect.apply(known, target, given);
        if (answer instanceof Promise) return learn(answer, life);
        return typeof answer === "object" && answer !== null ? mortal(answer, life) : answer;
      };
    },
  });
}

async function learn(answer: Promise<unknown>, life: { left: number }): Promise<unknown> {
  life.left--;
  const known = await answer;
  if (life.left <= 0) throw new Death("dead");
  return known;
}

/** Times differ from run to run, and are not what is compared. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_, each: unknown) => {
      if (each instanceof Map)
        return Object.fromEntries([...each].toSorted(([a], [b]) => String(a).localeCompare(String(b))));
      if (each instanceof Set) return [...each].map(String).toSorted();
      if (typeof each === "number" && each > 1e12) return "a time";
      return typeof each === "string" ? each.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "a time") : each;
    }),
  );
}

function stateOf({ store, made }: Stage<never, never>) {
  const { clusters, members, operations, instances } = store;
  return withoutTimes({ clusters, members, operations, instances, events: [...store.eventTypes()].toSorted(), made });
}

/** As the flow does: again, for as long as the step says that it is not ready. */
async function untilReady(attempt: () => Promise<unknown>): Promise<unknown> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof NotReadyYet)) throw error;
    }
  }
  throw new Error("the step is never ready");
}

/**
 * A step may run twice and die anywhere. For each of its calls this runs it on a new stage, ends it after that
 * call, runs it again, and expects the result of one run. The same holds for a run after one that succeeded.
 */
export async function expectRepeatable<Aws, Env, Input>(
  step: Step<Aws, Env, Input, unknown>,
  newStage: () => Stage<Aws, Env>,
  input: Input,
  first: Begun = FIRST,
): Promise<void> {
  const attempt = async (stage: Stage<Aws, Env>, begun: Begun, life?: { left: number }): Promise<unknown> => {
    const deps = depsOf(stage, new TestClock());
    const hands = life
      ? { ...deps, store: mortal(deps.store, life), aws: mortal(deps.aws as object, life) as Aws }
      : deps;
    return step(hands, input, begun);
  };
  const again = { ...first, first: false };
  const clean = newStage();
  const life = { left: 10_000 };
  const answer = await untilReady(() => attempt(clean, first, life));
  const calls = 10_000 - life.left;
  const wanted = stateOf(clean as Stage<never, never>);
  expect(await untilReady(() => attempt(clean, again)), "a second run").toEqual(answer);
  expect(stateOf(clean as Stage<never, never>), "a second run").toEqual(wanted);
  for (let left = 1; left <= calls; left++) {
    const stage = newStage();
    await attempt(stage, first, { left }).catch(() => {});
    expect(await untilReady(() => attempt(stage, again)), `after dying at call ${left}`).toEqual(answer);
    expect(stateOf(stage as Stage<never, never>), `after dying at call ${left}`).toEqual(wanted);
  }
}

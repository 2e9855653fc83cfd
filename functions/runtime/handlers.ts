import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { InstanceGone, NotReadyYet } from "../domain/cluster/errors.ts";
import type { Begun } from "../domain/cluster/records.ts";
import { ClusterName, MemberName } from "../domain/spec/value-schemas.ts";
import { beginStep, endStep } from "../store/steps.ts";
import { lazily } from "./env.ts";
import { logger } from "./logger.ts";
import { table } from "./table.ts";

/** What every step is given: whose work it is, and on whose behalf. The table has the rest. */
export const StepInput = z.object({
  cluster: ClusterName,
  operation: z.string().min(1).max(80),
});
export const MemberStepInput = StepInput.extend({ member: MemberName });
export type MemberStepRequest = z.output<typeof MemberStepInput>;
export type StepRequest = z.output<typeof StepInput>;

const Correlation = z.object({ cluster: z.string(), operation: z.string(), member: z.string().optional() }).partial();

/**
 * Of every function. Middy would end the work a moment before Lambda's time-out, with an error of its own, and leave it
 * running beside the next invocation; so the time-out is Lambda's alone: `Sandbox.Timedout`, which every flow tries
 * again.
 */
function lambda() {
  return middy({ timeoutEarlyInMillis: 0 }).use(injectLambdaContext(logger, { resetKeys: true }));
}

/** Every log line has cluster, operation and member. An event without them is no reason to fail. */
function correlate(): MiddlewareObj {
  return {
    before: ({ event }) => {
      logger.appendKeys(Correlation.safeParse(event).data ?? {});
    },
  };
}

/**
 * A step of a state machine. Renews the operation's lease and shows the step's progress around `run`; a step of an
 * operation that no longer holds its cluster ends with LeaseLost before it does anything. Errors go to Step Functions
 * as they are: it routes by their names, so there is no onError here. `wire` makes what `run` works with, once a
 * container.
 */
export function stepHandler<S extends z.ZodType<StepRequest>, D extends object, R>(
  step: string,
  schema: S,
  run: (deps: D, input: z.output<S>, begun: Begun) => Promise<R>,
  wire: () => D,
) {
  const deps = lazily(wire);
  return lambda()
    .use(correlate())
    .handler(async (event: unknown): Promise<R> => {
      const input = schema.parse(event);
      const member = memberOf(input);
      const at = { operation: input.operation, cluster: input.cluster, step, member };
      const begun = await beginStep(table, at, new Date());
      try {
        const result = await run(deps(), input, begun);
        await endStep(table, at, { status: "DONE", message: null }, new Date());
        return result;
      } catch (error) {
        const waiting = error instanceof NotReadyYet || error instanceof InstanceGone;
        const message = error instanceof Error ? error.message : String(error);
        logger[waiting ? "info" : "error"](waiting ? "step waits" : "step failed", { step, reason: message });
        await endStep(table, at, { status: waiting ? "WAITING" : "FAILED", message }, new Date());
        throw error;
      }
    });
}

/** A step that ends or begins an operation, and so works outside of its lease. */
export function unleasedStepHandler<S extends z.ZodType, D extends object, R>(
  schema: S,
  run: (deps: D, input: z.output<S>) => Promise<R>,
  wire: () => D,
) {
  const deps = lazily(wire);
  return taskHandler(schema, (input) => run(deps(), input));
}

function memberOf(input: StepRequest): string | null {
  return MemberStepInput.safeParse(input).data?.member ?? null;
}

/**
 * A target of an EventBridge rule; it gets the remaining milliseconds. Errors pass through, so that delivery
 * is tried again and ends in the dead-letter queue.
 */
export function eventHandler<S extends z.ZodType>(
  schema: S,
  run: (event: z.output<S>, remainingMs: () => number) => Promise<void>,
) {
  return answeringHandler(schema, run);
}

/** The same, of a function that others of this stack invoke too, for an answer. */
export function answeringHandler<S extends z.ZodType, R>(
  schema: S,
  run: (event: z.output<S>, remainingMs: () => number) => Promise<R>,
) {
  return lambda().handler(
    async (event: unknown, context: Context): Promise<R> =>
      run(schema.parse(event), () => context.getRemainingTimeInMillis()),
  );
}

/**
 * A state's task that belongs to no operation of a cluster, so it holds no lease. Errors go to Step Functions as they
 * are.
 */
export function taskHandler<S extends z.ZodType, R>(schema: S, run: (input: z.output<S>) => Promise<R>) {
  return lambda()
    .use(correlate())
    .handler(async (event: unknown): Promise<R> => run(schema.parse(event)));
}

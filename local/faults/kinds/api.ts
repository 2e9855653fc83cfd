import * as z from "zod";
import type { Clock } from "../../context/clock.ts";
import { AwsError, type CallContext, type CallInterceptor, ConnectionLost } from "../../wire/contract.ts";
import type { CallFaults } from "../calls.ts";
import { duration, type FaultControl, limits, type Started } from "../fault.ts";
import { deniedError, throttlingError } from "../service-errors.ts";

/**
 * A fault of calls to AWS: those of functions, state machines, hosts and operators, not those of AWS's own services.
 */
export const apiFault = z
  .strictObject({
    kind: z.literal("api"),
    action: z.enum([
      "throttle",
      "error",
      "access-denied",
      "timeout-before",
      "timeout-after",
      "stale-read",
      "lose-page",
    ]),
    /** By its name in signatures: `ec2`, `autoscaling`, `states`… Any if absent. */
    service: z.string().optional(),
    operation: z.string().optional(),
    /** A part of the input as JSON. */
    match: z.string().optional(),
    /** A part of the caller's ARN: the name of a role, a function, an instance. */
    caller: z.string().optional(),
    /** With `error`: what the service answers. */
    code: z.string().optional(),
    message: z.string().optional(),
    status: z.int().min(400).max(599).optional(),
    /** With time-outs: how long the call hangs before the connection breaks. */
    delayMs: z.number().min(0).optional(),
    /** With `stale-read`: how long an answer is repeated to the same question. */
    staleMs: z.number().positive().default(5_000),
    ...limits,
    ...duration,
  })
  .refine(({ action, code }) => action !== "error" || code !== undefined, {
    path: ["code"],
    error: "an error has a code, such as InternalError",
  });
export type ApiFault = z.infer<typeof apiFault>;

export async function startApiFault(
  request: ApiFault,
  control: FaultControl,
  { calls, clock }: { readonly calls: CallFaults; readonly clock: Clock },
): Started {
  const stale = new StaleAnswers(clock, request.staleMs);
  return calls.add(async (call, input, next) => {
    if (!concerns(request, call, input)) return next();
    const strikes = () =>
      control.strikes(`${request.action} ${call.service}:${call.operation} of ${call.principal.arn}`);
    if (request.action === "stale-read") return stale.intercept(call, input, next, strikes);
    if (request.action === "lose-page") return strikes() ? withoutItems(await next()) : next();
    return strikes() ? strike(request, call, clock, next) : next();
  });
}

function concerns(request: ApiFault, { service, operation, principal }: CallContext, input: unknown): boolean {
  return (
    (request.service === undefined || request.service === service) &&
    (request.operation === undefined || request.operation === operation) &&
    (request.caller === undefined || principal.arn.includes(request.caller)) &&
    (request.match === undefined || JSON.stringify(input).includes(request.match))
  );
}

/** An answer whose lists came empty: a page that says nothing of what it should hold, and not that it is missing. */
function withoutItems(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, Array.isArray(value) ? [] : value]));
}

async function strike(
  { action, code = "", message = "An injected fault.", status = 400, delayMs = 0 }: ApiFault,
  call: CallContext,
  clock: Clock,
  next: () => Promise<unknown>,
): Promise<never> {
  if (action === "throttle") throw throttlingError(call);
  if (action === "access-denied") throw deniedError(call);
  if (action === "error") throw new AwsError(code, message, { status });
  if (action === "timeout-after") await next();
  if (delayMs > 0) await clock.sleep(delayMs);
  throw new ConnectionLost(`${call.service}:${call.operation} timed out by an injected fault`);
}

/** Reads that do not see what was written since the same question was asked first. */
class StaleAnswers {
  readonly #clock: Clock;
  readonly #staleMs: number;
  readonly #answers = new Map<string, { readonly until: number; readonly answer: () => unknown }>();

  constructor(clock: Clock, staleMs: number) {
    this.#clock = clock;
    this.#staleMs = staleMs;
  }

  async intercept(
    call: CallContext,
    input: unknown,
    next: Parameters<CallInterceptor>[2],
    strikes: () => boolean,
  ): Promise<unknown> {
    // S3 has been consistent since 2020.
    if (call.service === "s3" || !/^(?:Describe|Get|List|Query|Scan)/.test(call.operation)) return next();
    const question = `${call.service}:${call.operation} ${JSON.stringify(input)}`;
    const known = this.#answers.get(question);
    if (known && this.#clock.now() < known.until && strikes()) return known.answer();
    const fresh = await next().then(
      (output) => () => output,
      (error: unknown) => () => {
        throw error;
      },
    );
    this.#answers.set(question, { until: this.#clock.now() + this.#staleMs, answer: fresh });
    return fresh();
  }
}

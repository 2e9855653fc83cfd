import * as z from "zod";
import type { InvocationFault, RunningInvocation } from "../../lambda/contract.ts";
import type { LambdaService } from "../../lambda/lambda.ts";
import { type CallInterceptor, ConnectionLost } from "../../wire/contract.ts";
import type { CallFaults } from "../calls.ts";
import { duration, type FaultControl, limits, type Started, type Undo } from "../fault.ts";
import { throttlingError } from "../service-errors.ts";

/** A fault of invocations of functions. */
export const lambdaFault = z.strictObject({
  kind: z.literal("lambda"),
  action: z.enum([
    "throttle",
    "timeout",
    "timeout-after",
    "crash",
    "crash-after",
    "crash-before-call",
    "crash-after-call",
    "lose-call",
    "throttle-call",
  ]),
  /** A part of the function's name. */
  function: z.string().optional(),
  /** A part of the payload as JSON; of several, any. */
  match: z.union([z.string(), z.array(z.string())]).optional(),
  /** With the actions that end in `-call`: which of the invocation's calls to AWS it is. */
  call: z.int().positive().default(1),
  /** Counts only calls of this operation. */
  operation: z.string().optional(),
  ...limits,
  ...duration,
});
export type LambdaFault = z.infer<typeof lambdaFault>;

type Decider = (name: string, payload: string) => InvocationFault | undefined;

/** The faults that invocations meet. While none is in force Lambda has none. */
export class LambdaFaults {
  readonly #lambda: Pick<LambdaService, "setFaults" | "invocationOf">;
  readonly #calls: CallFaults;
  readonly #deciders = new Set<Decider>();

  constructor(lambda: Pick<LambdaService, "setFaults" | "invocationOf">, calls: CallFaults) {
    this.#lambda = lambda;
    this.#calls = calls;
  }

  async start(request: LambdaFault, control: FaultControl): Started {
    switch (request.action) {
      case "crash-before-call":
      case "crash-after-call":
      case "lose-call":
      case "throttle-call":
        return this.#calls.add(this.#strikeAtCall(request, control));
      default: {
        const { action } = request;
        return this.#add((functionName, payload) => {
          if (!concerns(request, { functionName, payload })) return undefined;
          return control.strikes(`${action} ${functionName}`) ? action : undefined;
        });
      }
    }
  }

  #add(decider: Decider): Undo {
    this.#deciders.add(decider);
    this.#lambda.setFaults((name, payload) => {
      const faults = [...this.#deciders].map((decide) => decide(name, payload));
      return faults.find((fault) => fault !== undefined);
    });
    return () => {
      this.#deciders.delete(decider);
      if (this.#deciders.size === 0) this.#lambda.setFaults(undefined);
    };
  }

  /**
   * Ends an invocation's environment as its call arrives, or when the call has taken effect and is about to be answered;
   * or leaves the environment alone and loses that answer, or refuses the call for being one too many.
   */
  #strikeAtCall(request: LambdaFault, control: FaultControl): CallInterceptor {
    const callsSoFar = new Map<string, number>();
    return async (call, _input, next) => {
      const invocation = this.#lambda.invocationOf(call.principal);
      const counts = request.operation === undefined || request.operation === call.operation;
      if (!invocation || !counts || !concerns(request, invocation)) return next();
      const number = (callsSoFar.get(invocation.requestId) ?? 0) + 1;
      callsSoFar.set(invocation.requestId, number);
      const what = `${request.action} ${number}, ${call.service}:${call.operation}, of ${invocation.functionName}`;
      if (number !== request.call || !control.strikes(what)) return next();
      if (request.action === "throttle-call") throw throttlingError(call);
      if (request.action !== "crash-before-call") await next();
      if (request.action !== "lose-call") await invocation.crash();
      throw new ConnectionLost(what);
    };
  }
}

function concerns(
  request: LambdaFault,
  { functionName, payload }: Pick<RunningInvocation, "functionName" | "payload">,
): boolean {
  return (
    (request.function === undefined || functionName.includes(request.function)) &&
    (request.match === undefined || [request.match].flat().some((text) => payload.includes(text)))
  );
}

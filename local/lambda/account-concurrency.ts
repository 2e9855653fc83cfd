import { AwsError } from "../wire/contract.ts";
import type { FunctionConfiguration } from "./contract.ts";
import { throttled } from "./pool.ts";

/**
 * What must stay for functions without a reservation of their own: AWS keeps 100, or all of an account that has fewer.
 */
const MIN_UNRESERVED = 100;

/** How many invocations the whole account runs at once, but for those of functions with a reservation. */
export class AccountConcurrency {
  readonly #limit: () => number;
  readonly #reserved = new Map<string, number>();
  #running = 0;
  #max = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** The most that ever ran at once. */
  get max(): number {
    return this.#max;
  }

  /**
   * Takes a function's reservation from what all share. @throws AwsError as Lambda does where too little would be left.
   */
  reserve({ name, reservedConcurrency }: FunctionConfiguration): void {
    this.#reserved.delete(name);
    if (reservedConcurrency === undefined) return;
    const min = Math.min(MIN_UNRESERVED, this.#limit());
    if (this.#unreserved() - reservedConcurrency < min) {
      const message = `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${min}].`;
      throw new AwsError("InvalidParameterValueException", message, { fields: { Type: "User" } });
    }
    this.#reserved.set(name, reservedConcurrency);
  }

  /** One more invocation; the answer ends it. @throws AwsError where there is no room. */
  enter({ name }: FunctionConfiguration): () => void {
    if (this.#reserved.has(name)) return () => {};
    if (this.#running >= this.#unreserved()) throw throttled("ConcurrentInvocationLimitExceeded");
    this.#running += 1;
    this.#max = Math.max(this.#max, this.#running);
    return () => {
      this.#running -= 1;
    };
  }

  #unreserved(): number {
    return this.#limit() - [...this.#reserved.values()].reduce((sum, reserved) => sum + reserved, 0);
  }
}

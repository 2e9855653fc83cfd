import type { CallInterceptor } from "../wire/contract.ts";
import type { Undo } from "./fault.ts";

/** The faults that stand around calls of AWS operations. With none in force a call goes straight through. */
export class CallFaults {
  readonly #interceptors = new Set<CallInterceptor>();

  add(interceptor: CallInterceptor): Undo {
    this.#interceptors.add(interceptor);
    return () => void this.#interceptors.delete(interceptor);
  }

  readonly intercept: CallInterceptor = (call, input, next) => {
    let answer = next;
    for (const interceptor of this.#interceptors) {
      const inner = answer;
      answer = () => interceptor(call, input, inner);
    }
    return answer();
  };
}

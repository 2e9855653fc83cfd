import { randomUUID } from "node:crypto";
import { AwsError, type Handlers, type InputOf, type OperationName, type OutputOf } from "../wire/contract.ts";
import type { Principal } from "./credentials.ts";

/** Who calls, and which service: what the wire would have read from the signature. */
export interface Caller {
  readonly service: string;
  readonly region: string;
  readonly principal: Principal;
}

/**
 * One emulated service calls another's public operation, without the wire.
 * @throws AwsError `InvalidAction` if the operation is not emulated; otherwise what the operation throws.
 */
export async function callService<M, N extends OperationName<M>>(
  handlers: Handlers<M>,
  operation: N & string,
  input: InputOf<M, N>,
  caller: Caller,
): Promise<OutputOf<M, N>> {
  const handler = handlers[operation];
  if (!handler) throw new AwsError("InvalidAction", `The action ${operation} is not valid for this web service.`);
  return handler(input, { ...caller, requestId: randomUUID(), operation });
}

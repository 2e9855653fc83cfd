import * as z from "zod";

const LambdaCause = z.object({ errorMessage: z.string() });
const ChildCause = z.object({ Error: z.string().optional(), Cause: z.string().optional() });

export interface Failure {
  readonly name: string;
  readonly message: string;
}

/**
 * A Step Functions error as a person reads it. A failed child execution arrives as `States.TaskFailed` with the child's
 * description as its cause (sync:2), and a thrown error as JSON with `errorMessage`
 * (docs/references/aws.md#sfn-errors): both are unwrapped.
 */
export function readFailure(error: string, cause: string): Failure {
  const json = parse(cause);
  const child = ChildCause.safeParse(json).data;
  if (child?.Error !== undefined) return readFailure(child.Error, child.Cause ?? "");
  const thrown = LambdaCause.safeParse(json).data;
  return { name: error, message: thrown?.errorMessage ?? (cause === "" ? error : cause) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

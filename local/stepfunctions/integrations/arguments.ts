import { z } from "zod";
import { StatesError } from "../errors.ts";
import type { Json } from "../json.ts";

/** @throws StatesError States.Runtime when a Task's Arguments are not what its resource takes. */
export function parseArguments<T>(resource: string, schema: z.ZodType<T>, args: Json): T {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new StatesError(
    "States.Runtime",
    `The arguments for ${resource} are invalid: ${z.prettifyError(parsed.error)}`,
  );
}

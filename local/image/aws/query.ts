import { search } from "@aws-lambda-powertools/jmespath";
import { UsageError } from "./errors.ts";

type Data = Parameters<typeof search>[1];

/** The part of `document` that `--query`, a JMESPath expression, selects; null where there is none. */
export function select(document: Data, expression: string): unknown {
  try {
    return search(expression, document);
  } catch (error) {
    throw new UsageError(`Bad value for --query ${expression}: ${error instanceof Error ? error.message : error}`);
  }
}

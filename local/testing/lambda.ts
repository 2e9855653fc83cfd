import { onTestFinished } from "vitest";
import type { FunctionConfiguration } from "../lambda/contract.ts";
import { createLambda, type LambdaOptions, type LambdaService } from "../lambda/lambda.ts";
import { testContext } from "./context.ts";

/** Lambda with these functions; it ends with the test. */
export function lambdaWith(
  functions: readonly FunctionConfiguration[],
  options: Partial<LambdaOptions> = {},
): LambdaService {
  const lambda = createLambda(testContext(), {
    awsEndpoint: () => "http://127.0.0.1:1",
    retryDelaysMs: [1, 1],
    ...options,
  });
  onTestFinished(() => lambda.close());
  for (const configuration of functions) lambda.putFunction(configuration);
  return lambda;
}

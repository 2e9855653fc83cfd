import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "vitest";
import { findFunction } from "./find-function.ts";
import type { Scenario } from "./scenario.ts";

/** What the schedule does every minute, now. */
export async function reconcile({ cloud }: Scenario): Promise<void> {
  const { aws, region } = cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const lambda = new LambdaClient({ endpoint: aws, region, credentials });
  const FunctionName = await findFunction(lambda, "reconcile");
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }));
  expect(FunctionError).toBeUndefined();
}

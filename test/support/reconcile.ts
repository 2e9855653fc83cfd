import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { expect } from "vitest";
import type { Scenario } from "./scenario.ts";

/** What the schedule does every minute, now. */
export async function reconcile({ cloud }: Scenario): Promise<void> {
  const { aws, region } = cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const lambda = new LambdaClient({ endpoint: aws, region, credentials });
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const name = Functions.find(({ FunctionName = "" }) => FunctionName.includes("reconcile"))?.FunctionName;
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: "{}" }));
  expect(FunctionError).toBeUndefined();
}

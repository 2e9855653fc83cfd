import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { clientSettings } from "../common/aws-client.ts";

export const lambda = new LambdaClient(clientSettings);

/** Invokes a function and waits. What it answered, as text; throws if it failed. */
export async function invokeFunction(client: LambdaClient, name: string, event: unknown): Promise<string> {
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  if (FunctionError !== undefined) throw new Error(`function ${name} failed: ${FunctionError}`);
  return Payload?.transformToString() ?? "";
}

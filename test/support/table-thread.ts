import { Worker } from "node:worker_threads";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";

/** The product's table in a thread of its own, so that its work does not count where processor time is measured. */
export async function startTableThread() {
  const thread = new Worker(new URL("table-thread-main.ts", import.meta.url), { execArgv: [] });
  const endpoint = await new Promise<string>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const client = new DynamoDBClient({ endpoint, region: "us-west-2", credentials });
  const documents = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { endpoint, documents, [Symbol.asyncDispose]: async () => void (await thread.terminate()) };
}

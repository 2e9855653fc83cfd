import { parentPort } from "node:worker_threads";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";

/** What the thread of table-thread.ts runs. */
const dynamodb = await startDynamoDb();
dynamodb.service.createTable(CLUSTER_TABLE);
const at = await dynamodb.client.config.endpoint?.();
parentPort?.postMessage(`http://${at?.hostname}:${at?.port}`);

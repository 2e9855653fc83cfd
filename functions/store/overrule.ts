import { keys, type Table, type Write } from "./keys.ts";

/** Takes the lease from a run that may be alive: its next step, and its next write, end with LeaseLost. */
export function overrule(
  table: Table,
  holder: string,
  by: { readonly operation: string; readonly does: string },
  now: Date,
): Write {
  return {
    Update: {
      TableName: table.name,
      Key: keys.operation(holder),
      UpdateExpression: "SET #r.#status = :failed, #r.#error = :error, #r.finishedAt = :iso",
      ConditionExpression: "#r.#status = :running",
      ExpressionAttributeNames: { "#r": "record", "#status": "status", "#error": "error" },
      ExpressionAttributeValues: {
        ":failed": "FAILED",
        ":running": "RUNNING",
        ":error": {
          name: "LeaseLost",
          message: `the cluster is being ${by.does} by ${by.operation}`,
          remedy: `Look at operation ${by.operation}.`,
        },
        ":iso": now.toISOString(),
      },
    },
  };
}

import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { type ClientSettings, type OperationInput, textOf } from "./client-settings.ts";

/** The kinds of attribute that hosts write. */
const itemSchema = z.record(
  z.string(),
  z.union([
    z.strictObject({ S: z.string() }),
    z.strictObject({ N: z.string() }),
    z.strictObject({ BOOL: z.boolean() }),
  ]),
);

export function putItem(settings: ClientSettings, input: OperationInput) {
  const Item = itemSchema.parse(JSON.parse(textOf(input["Item"])));
  return new DynamoDBClient(settings).send(new PutItemCommand({ TableName: textOf(input["TableName"]), Item }));
}

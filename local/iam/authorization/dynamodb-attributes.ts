import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { parseCondition } from "../../dynamodb/expressions/parse-condition.ts";
import { type ExpressionParameters, Placeholders } from "../../dynamodb/expressions/placeholders.ts";
import { parseProjection } from "../../dynamodb/expressions/projection.ts";
import { parseUpdate } from "../../dynamodb/expressions/update.ts";
import { AwsError } from "../../wire/contract.ts";

type Item = Readonly<Record<string, AttributeValue>> | undefined;

/** The parts of a call that name attributes. */
export interface NamingCall extends ExpressionParameters {
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
}

/**
 * `dynamodb:Attributes`: the top-level attributes of the item or key and of every expression (Developer Guide, "Using IAM
 * policy conditions for fine-grained access control"). A read without a projection names none but its key.
 */
export function attributesOf(call: NamingCall | undefined): string[] {
  if (!call) return [];
  const { Item, Key, UpdateExpression, ProjectionExpression } = call;
  const placeholders = new Placeholders(call);
  const read = () => {
    for (const part of ["ConditionExpression", "FilterExpression", "KeyConditionExpression"] as const) {
      const text = call[part];
      if (text !== undefined) parseCondition(text, placeholders, part);
    }
    if (UpdateExpression !== undefined) parseUpdate(UpdateExpression, placeholders);
    if (ProjectionExpression !== undefined) parseProjection(ProjectionExpression, placeholders);
  };
  try {
    read();
  } catch (error) {
    // DynamoDB itself refuses the call.
    if (!(error instanceof AwsError)) throw error;
  }
  return [...new Set([...Object.keys(Item ?? {}), ...Object.keys(Key ?? {}), ...placeholders.attributes])];
}

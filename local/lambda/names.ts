import { AwsError } from "../wire/contract.ts";

/** ARN of a function. */
export function functionArn(place: { readonly region: string; readonly accountId: string }, name: string): string {
  return `arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`;
}

/**
 * The plain name in what callers may write: a name, a partial or whole ARN, each with an optional qualifier
 * (Invoke's `FunctionName`). Only `$LATEST` exists here; another qualifier is not found, as on AWS.
 */
export function functionName(reference: string): string {
  const parts = reference.split(":");
  const start = parts.indexOf("function") + 1;
  const [name = "", qualifier = "$LATEST"] = parts.slice(start);
  if (qualifier !== "$LATEST") throw functionNotFound(reference);
  return name;
}

export function functionNotFound(reference: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Function not found: ${reference}`, {
    status: 404,
    fields: { Type: "User" },
  });
}

import { z } from "zod";
import { StatesError } from "../errors.ts";
import { type Json, toJson } from "../json.ts";
import { parseArguments } from "./arguments.ts";
import type { CallOptions, FunctionError, Integrations } from "./contract.ts";
import { optimizedError } from "./service-errors.ts";

const argumentsSchema = z.strictObject({
  FunctionName: z.string().min(1),
  InvocationType: z.literal("RequestResponse", { error: "only RequestResponse is emulated" }).optional(),
  Payload: z.json().optional(),
});

/** `lambda:invoke`: the result carries the function's answer as `Payload`. */
export async function invokeLambda(lambda: Integrations, args: Json, options: CallOptions): Promise<Json> {
  const { FunctionName, Payload } = parseArguments("lambda:invoke", argumentsSchema, args);
  const payload = await call(lambda, FunctionName, Payload ?? {}, options);
  return { ExecutedVersion: "$LATEST", Payload: payload, StatusCode: 200 };
}

/** A Task whose Resource is the function's ARN: arguments and result are the payload itself. */
export function invokeFunctionArn(lambda: Integrations, arn: string, args: Json, options: CallOptions): Promise<Json> {
  return call(lambda, arn, args, options);
}

async function call(lambda: Integrations, functionName: string, payload: Json, options: CallOptions): Promise<Json> {
  const answer = await lambda.invokeLambda(functionName, payload, options).catch((error: unknown) => {
    throw optimizedError("lambda", error);
  });
  if ("functionError" in answer) throw functionFailure(answer.functionError);
  return toJson(answer.payload) ?? null;
}

/**
 * The error's name is what the function threw; the cause is the function's whole answer:
 * docs/references/aws.md#sfn-errors.
 */
function functionFailure(error: FunctionError): StatesError {
  if (!error.errorType) {
    const cause = "The cause could not be determined because Lambda did not return an error type.";
    return new StatesError("Lambda.Unknown", `${cause} Returned payload: ${JSON.stringify(error)}`);
  }
  const { errorType, errorMessage, trace } = error;
  return new StatesError(errorType, JSON.stringify({ errorType, errorMessage, trace }));
}

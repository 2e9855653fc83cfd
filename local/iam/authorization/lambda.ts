import type * as lambda from "@aws-sdk/client-lambda";
import { arnIn, type CloudState } from "./cloud-state.ts";
import { type Demands, demand, type Mapping, mappingOf } from "./demand.ts";

/** "Actions, resources, and condition keys for AWS Lambda". */
export function lambdaMapping(cloud: CloudState): Mapping {
  const arnOf = (name = "", qualifier?: string) => {
    const arn = name.startsWith("arn:") ? name : arnIn(cloud, "lambda", `function:${name}`);
    return qualifier === undefined ? arn : `${arn}:${qualifier}`;
  };
  const demands: Demands<typeof lambda> = {
    // The operation is Invoke, the action is not.
    Invoke: (input) => [demand("lambda:InvokeFunction", arnOf(input.FunctionName, input.Qualifier))],
    GetFunction: (input) => [demand("lambda:GetFunction", arnOf(input.FunctionName, input.Qualifier))],
    GetFunctionConfiguration: (input) => [
      demand("lambda:GetFunctionConfiguration", arnOf(input.FunctionName, input.Qualifier)),
    ],
  };
  return mappingOf("lambda", demands, /^ListFunctions$/);
}

import { type LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";

/** The whole name of the function whose name has this part: AWS lists 50 functions a page. Rejects if there is none. */
export async function findFunction(client: LambdaClient, part: string): Promise<string> {
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
    for (const { FunctionName = "" } of Functions) if (FunctionName.includes(part)) return FunctionName;
  throw new Error(`there is no function ${part}`);
}

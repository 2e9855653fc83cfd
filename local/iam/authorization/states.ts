import type * as sfn from "@aws-sdk/client-sfn";
import { type Demands, demand, type Mapping, mappingOf, requestTags } from "./demand.ts";

/** "Actions, resources, and condition keys for AWS Step Functions". Every request names its resource by ARN. */
export function statesMapping(): Mapping {
  const on = (action: string, arn: string | undefined) => [demand(`states:${action}`, arn ?? "*")];
  const demands: Demands<typeof sfn> = {
    StartExecution: (input) => on("StartExecution", input.stateMachineArn),
    ListExecutions: (input) => on("ListExecutions", input.stateMachineArn),
    DescribeStateMachine: (input) => on("DescribeStateMachine", input.stateMachineArn),
    DescribeStateMachineForExecution: (input) => on("DescribeStateMachineForExecution", input.executionArn),
    DescribeExecution: (input) => on("DescribeExecution", input.executionArn),
    GetExecutionHistory: (input) => on("GetExecutionHistory", input.executionArn),
    StopExecution: (input) => on("StopExecution", input.executionArn),
    RedriveExecution: (input) => on("RedriveExecution", input.executionArn),
    ListTagsForResource: (input) => on("ListTagsForResource", input.resourceArn),
    TagResource: (input) => [
      demand(
        "states:TagResource",
        input.resourceArn ?? "*",
        requestTags(input.tags?.map(({ key, value }) => ({ Key: key, Value: value }))),
      ),
    ],
    UntagResource: (input) => [
      demand("states:UntagResource", input.resourceArn ?? "*", input.tagKeys ? { "aws:TagKeys": input.tagKeys } : {}),
    ],
  };
  // The holder of a task token needs no more to name the task by; checks know no resource.
  return mappingOf("states", demands, /^(ListStateMachines|ValidateStateMachineDefinition|SendTask\w+)$/);
}

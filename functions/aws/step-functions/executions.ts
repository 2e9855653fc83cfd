import {
  DescribeExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { ignoring } from "../common/aws-errors.ts";

/**
 * Starts a state machine under a name that stands for the request or the event, so that a repetition starts nothing:
 * an open execution of that name and input is answered with 200, a closed one with ExecutionAlreadyExists.
 */
export async function startExecution(
  sfn: SFNClient,
  stateMachineArn: string,
  name: string,
  input: object,
): Promise<"started" | "known"> {
  const started = await ignoring(
    ["ExecutionAlreadyExists"],
    sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) })),
  );
  return started ? "started" : "known";
}

/** Ends an execution of that name if it is open; one that has ended, or never began, is fine. */
export async function stopExecution(
  sfn: SFNClient,
  stateMachineArn: string,
  name: string,
  cause: string,
): Promise<void> {
  const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  await ignoring(
    ["ExecutionDoesNotExist"],
    sfn.send(new StopExecutionCommand({ executionArn, error: "LeaseLost", cause })),
  );
}

/** `RUNNING`, `ABORTED`…; undefined for one that Step Functions does not know, or has forgotten. */
export async function findExecutionStatus(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  return (await ignoring(["ExecutionDoesNotExist"], sfn.send(new DescribeExecutionCommand({ executionArn }))))?.status;
}

import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ignoring } from "./aws-errors.ts";

const sfn = new SFNClient({});

/**
 * Starts a state machine under a name that stands for the request or the event, so that a repetition starts nothing:
 * an open execution of that name and input is answered with 200, a closed one with ExecutionAlreadyExists.
 */
export const startExecution = async (
  stateMachineArn: string,
  name: string,
  input: object,
): Promise<"started" | "known"> => {
  const started = await ignoring(
    ["ExecutionAlreadyExists"],
    sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) })),
  );
  return started ? "started" : "known";
};

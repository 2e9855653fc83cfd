import { StatesError } from "../errors.ts";
import { type Json, toJson } from "../json.ts";
import type { TaskCall } from "../visit.ts";
import type { Integrations } from "./contract.ts";
import { putEvents } from "./events.ts";
import { invokeFunctionArn, invokeLambda } from "./lambda.ts";
import { type ChildExecutions, startNestedExecution } from "./nested-execution.ts";
import { optimizedError, sdkError } from "./service-errors.ts";

/** In whose name tasks run. */
export interface TaskOrigin {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly roleArn: string;
}

/** Executes one task's call, whatever its resource. */
export async function callTask(
  call: TaskCall,
  origin: TaskOrigin,
  integrations: Integrations,
  executions: ChildExecutions,
): Promise<Json> {
  const { resource, arguments: args } = call;
  const { signal, onWait } = call;
  const options = { roleArn: origin.roleArn, signal, onWait };
  if (resource.kind === "function") return invokeFunctionArn(integrations, resource.functionArn, args, options);
  const { service, action } = resource;
  if (resource.kind === "sdk" || service === "dynamodb") {
    const answer = await integrations.awsSdk(service, action, args, options).catch((error: unknown) => {
      throw resource.kind === "sdk" ? sdkError(service, error) : optimizedError("dynamodb", error);
    });
    return toJson(answer) ?? {};
  }
  switch (service) {
    case "lambda":
      return invokeLambda(integrations, args, options);
    case "events":
      return putEvents(integrations, args, [origin.executionArn, origin.stateMachineArn], options);
    case "states":
      return startNestedExecution(executions, resource.pattern, call, (wanted, on) =>
        integrations.authorize(wanted, on, origin.roleArn),
      );
    default:
      throw new StatesError("States.Runtime", `The service ${service} is not supported.`);
  }
}

import type { StatesError } from "../errors.ts";
import { inputDetail, outputDetail } from "../history.ts";
import type { Json } from "../json.ts";
import { historyNames, type TaskResource } from "../resource.ts";
import type { Visit } from "../visit.ts";

export interface TaskLimits {
  readonly timeoutInSeconds: number | undefined;
  readonly heartbeatInSeconds: number | undefined;
}

/** The history of one attempt of a Task. */
export interface TaskEvents {
  scheduled(input: Json, limits: TaskLimits): void;
  submitted(output: Json): void;
  succeeded(output: Json): void;
  failed(error: StatesError): void;
}

/** A Task whose Resource is a function's own ARN has events of its own kind. */
export function taskEvents(resource: TaskResource, visit: Visit): TaskEvents {
  return resource.kind === "function" ? functionEvents(resource.functionArn, visit) : serviceEvents(resource, visit);
}

function serviceEvents(taskResource: TaskResource, { engine, thread }: Visit): TaskEvents {
  const { history, region } = engine;
  const names = historyNames(taskResource);
  return {
    scheduled: (input, limits) => {
      const details = { ...names, region, parameters: JSON.stringify(input), ...limits };
      history.add(thread, { type: "TaskScheduled", taskScheduledEventDetails: details });
      history.add(thread, { type: "TaskStarted", taskStartedEventDetails: names });
    },
    submitted: (output) => {
      const details = { ...names, ...outputDetail(output) };
      history.add(thread, { type: "TaskSubmitted", taskSubmittedEventDetails: details });
    },
    succeeded: (output) => {
      const details = { ...names, ...outputDetail(output) };
      history.add(thread, { type: "TaskSucceeded", taskSucceededEventDetails: details });
    },
    failed: (failure) => {
      const details = { ...names, error: failure.error, cause: failure.cause };
      if (isTimeout(failure)) history.add(thread, { type: "TaskTimedOut", taskTimedOutEventDetails: details });
      else history.add(thread, { type: "TaskFailed", taskFailedEventDetails: details });
    },
  };
}

function functionEvents(resource: string, { engine, thread }: Visit): TaskEvents {
  const { history } = engine;
  return {
    scheduled: (input, { timeoutInSeconds }) => {
      const details = { resource, ...inputDetail(input), timeoutInSeconds };
      history.add(thread, { type: "LambdaFunctionScheduled", lambdaFunctionScheduledEventDetails: details });
      history.add(thread, { type: "LambdaFunctionStarted" });
    },
    submitted: () => {},
    succeeded: (output) => {
      const details = outputDetail(output);
      history.add(thread, { type: "LambdaFunctionSucceeded", lambdaFunctionSucceededEventDetails: details });
    },
    failed: (failure) => {
      const details = { error: failure.error, cause: failure.cause };
      if (isTimeout(failure)) {
        history.add(thread, { type: "LambdaFunctionTimedOut", lambdaFunctionTimedOutEventDetails: details });
      } else {
        history.add(thread, { type: "LambdaFunctionFailed", lambdaFunctionFailedEventDetails: details });
      }
    },
  };
}

function isTimeout({ error }: StatesError): boolean {
  return error === "States.Timeout" || error === "States.HeartbeatTimeout";
}

import type * as sfn from "@aws-sdk/client-sfn";
import type { Integrations } from "../stepfunctions/step-functions.ts";
import { createStepFunctions } from "../stepfunctions/step-functions.ts";
import { client, recordingContext } from "./service-context.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const ROLE = "arn:aws:iam::111122223333:role/machine";
export const INVOKE = "arn:aws:states:::lambda:invoke";
const LONG_MS = 48 * 60 * 60 * 1000;

export type LambdaFake = Integrations["invokeLambda"];

/** Answers with its payload, at once. */
export const echo: LambdaFake = async (_, payload) => ({ payload });

/** Never answers. */
export const hang: LambdaFake = () => new Promise(() => {});

/** Gives the prepared answers, one call after the other; an Error is thrown, a string is the name of a function's own error. */
export function scripted(...answers: (string | Error | { payload: unknown })[]): LambdaFake {
  return async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    if (typeof answer === "string") return { functionError: { errorType: answer, errorMessage: `${answer} happened` } };
    return answer ?? { payload: null };
  };
}

export function named(name: string, message = ""): Error {
  return Object.assign(new Error(message), { name });
}

interface Setup extends Partial<Integrations> {
  readonly random?: () => number;
  readonly speed?: number;
  readonly transitionMs?: number;
  readonly clock?: VirtualClock;
  readonly restored?: unknown;
}

/** Step Functions alone, on a virtual clock, with functions that answer with their payload unless a test gives its own. */
export function stepFunctions({
  random,
  speed,
  transitionMs = 0,
  clock = new VirtualClock(),
  restored,
  ...fakes
}: Setup = {}) {
  const context = recordingContext(clock);
  const integrations: Integrations = {
    invokeLambda: echo,
    awsSdk: async () => ({}),
    putEvents: async (entries) => ({ FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: "1" })) }),
    authorize: () => {},
    ...fakes,
  };
  const service = createStepFunctions(
    context,
    { integrations, transitionMs, ...(random && { random }), ...(speed !== undefined && { speed }) },
    restored,
  );
  const aws = client<typeof sfn>(service.handlers);
  const create = (definition: object, name = "machine") =>
    service.createStateMachine({ name, roleArn: ROLE, definition: { QueryLanguage: "JSONata", ...definition } });

  const started = async (definition: object, input: unknown = {}) => {
    const { executionArn } = service.startExecution({
      stateMachineArn: create(definition),
      input: JSON.stringify(input),
    });
    await clock.advance(0);
    return executionArn;
  };

  /** Runs a machine to its end, however long that takes on the virtual clock. */
  const run = async (definition: object, input: unknown = {}) => {
    const executionArn = await started(definition, input);
    await clock.advance(LONG_MS);
    return ended(executionArn);
  };

  const ended = async (executionArn: string) => {
    const execution = await aws("DescribeExecution", { executionArn });
    const { events = [] } = await aws("GetExecutionHistory", { executionArn, maxResults: 1000 });
    return {
      ...execution,
      output: execution.output === undefined ? undefined : JSON.parse(execution.output),
      types: events.map(({ type }) => type),
      events,
      elapsedMs: (execution.stopDate?.getTime() ?? Number.NaN) - (execution.startDate?.getTime() ?? Number.NaN),
    };
  };
  return { clock, context, service, aws, create, started, run, ended };
}

/** A machine of one Task that calls a function with its input and hands on the answer. */
export function oneTask(fields: object = {}, further: Record<string, object> = {}) {
  const task = {
    Type: "Task",
    Resource: INVOKE,
    Arguments: { FunctionName: "work", Payload: "{% $states.input %}" },
    Output: "{% $states.result.Payload %}",
    End: true,
  };
  return { StartAt: "Work", States: { Work: { ...task, ...fields }, ...further } };
}

export function pass(fields: object = {}) {
  return { Type: "Pass", End: true, ...fields };
}

export function oneState(state: object) {
  return { StartAt: "Only", States: { Only: state } };
}

import type { ExecutionStatus, HistoryEvent, LoggingConfiguration } from "@aws-sdk/client-sfn";
import type { Definition } from "./definition.ts";
import type { Frame } from "./visit.ts";

/** One definition of a state machine. A running execution keeps the revision that it began with. */
export interface Revision {
  readonly revisionId: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly roleArn: string;
  /** As it was given: what DescribeStateMachine answers. */
  readonly text: string;
  readonly definition: Definition;
  readonly updateDate: Date;
}

export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly creationDate: Date;
  revision: Revision;
  loggingConfiguration: LoggingConfiguration | undefined;
  readonly tags: Map<string, string>;
}

/** All that is known of one execution, running or closed. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly revision: Revision;
  /** JSON text, as given to StartExecution. */
  readonly input: string;
  status: ExecutionStatus;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
  readonly startDate: Date;
  stopDate?: Date | undefined;
  redriveCount: number;
  redriveDate?: Date | undefined;
  readonly events: HistoryEvent[];
  /** Where the machine stands: a redrive continues here. */
  readonly root: Frame;
}

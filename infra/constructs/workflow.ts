import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { keptLog } from "./kept-log.ts";

export interface WorkflowProps {
  /** File in statemachines/, without `.asl.json`. */
  readonly file: string;
  /** Lambdas by the placeholder that stands for them: `${AttachVolume}`. */
  readonly steps: Readonly<Record<string, IFunction>>;
  /** State machines by placeholder that this one runs and waits for. */
  readonly children?: Readonly<Record<string, StateMachine>>;
}

/** A state machine from its file, with the right to run its steps and children. */
export class Workflow extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { partition } = Stack.of(this);
    const children = Object.entries(props.children ?? {});
    this.machine = new StateMachine(this, "Machine", {
      definitionBody: DefinitionBody.fromFile(
        join(import.meta.dirname, "../../statemachines", `${props.file}.asl.json`),
      ),
      definitionSubstitutions: {
        Partition: partition,
        ...Object.fromEntries(Object.entries(props.steps).map(([name, step]) => [name, step.functionArn])),
        ...Object.fromEntries(children.map(([name, machine]) => [name, machine.stateMachineArn])),
      },
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: keptLog(this, "Log", `/aws/vendedlogs/states/holdfast-${props.file}`),
      },
      tracingEnabled: true,
    });
    // Steps are named by plain ARNs: no right to invoke other versions of them.
    this.machine.addToRolePolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: Object.values(props.steps).map(({ functionArn }) => functionArn),
      }),
    );
    for (const [, child] of children) this.#mayRun(child);
  }

  /** Rights that `startExecution.sync:2` needs: to start, to look and stop, and Step Functions' own rule for the end. */
  #mayRun(child: StateMachine): void {
    const { partition, region, account } = Stack.of(this);
    const executions = `arn:${partition}:states:${region}:${account}:execution:${child.stateMachineName}:*`;
    const rule = `arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
    this.machine.addToRolePolicy(
      new PolicyStatement({ actions: ["states:StartExecution"], resources: [child.stateMachineArn] }),
    );
    this.machine.addToRolePolicy(
      new PolicyStatement({ actions: ["states:DescribeExecution", "states:StopExecution"], resources: [executions] }),
    );
    this.machine.addToRolePolicy(
      new PolicyStatement({
        actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        resources: [rule],
      }),
    );
  }
}

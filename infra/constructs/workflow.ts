import { Aws } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { buildDefinition, readDefinition } from "../../scripts/definitions.ts";
import { arn } from "../permissions/arn.ts";
import { InlineRole } from "./inline-role.ts";
import { flowLog } from "./retained-log-group.ts";

export interface WorkflowProps {
  /** File in statemachines/, without `.asl.yaml`. */
  readonly file: string;
  /** Functions of its steps by their file names; the placeholder of `attach-volume` is `${AttachVolume}`. */
  readonly steps: Readonly<Record<string, LambdaFunction>>;
  /** Flows that this one runs and waits for, by placeholders as for steps. */
  readonly children?: readonly Workflow[];
}

/** `AttachVolume` for `attach-volume`. */
function placeholderOf(file: string): string {
  return file.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Throws for a state whose function the stack does not give, and for a function that no state calls. */
function checkPlaceholders(file: string, given: readonly string[]): void {
  const named = JSON.stringify(readDefinition(file)).matchAll(/\$\{(\w+)\}/g);
  const wanted = new Set([...named].map(([, name = ""]) => name));
  const missing = [...wanted].filter((name) => !given.includes(name));
  if (missing.length > 0) throw new Error(`infra/flows gives statemachines/${file}.asl.yaml no ${missing.join(", ")}`);
  const idle = given.filter((name) => !wanted.has(name));
  if (idle.length > 0) throw new Error(`no state of statemachines/${file}.asl.yaml calls ${idle.join(", ")}`);
}

/** A state machine from its file, with the permission to run its steps and children. */
export class Workflow extends Construct {
  readonly machine: StateMachine;
  readonly #file: string;

  constructor(scope: Construct, id: string, { file, steps, children = [] }: WorkflowProps) {
    super(scope, id);
    this.#file = file;
    const definitionSubstitutions = {
      Partition: Aws.PARTITION,
      ...Object.fromEntries(Object.entries(steps).map(([name, step]) => [placeholderOf(name), step.functionArn])),
      ...Object.fromEntries(children.map((child) => [placeholderOf(child.#file), child.machine.stateMachineArn])),
    };
    checkPlaceholders(file, Object.keys(definitionSubstitutions));
    this.machine = new StateMachine(this, "Machine", {
      definitionBody: DefinitionBody.fromFile(buildDefinition(file)),
      definitionSubstitutions,
      role: new InlineRole(this, "MachineRole", { assumedBy: new ServicePrincipal("states.amazonaws.com") }),
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: flowLog(this, file),
      },
      tracingEnabled: true,
    });
    // Steps are named by plain ARNs: no permission to invoke other versions of them.
    this.machine.addToRolePolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: Object.values(steps).map(({ functionArn }) => functionArn),
      }),
    );
    for (const child of children) this.#mayRun(child.machine);
  }

  /** Lets a function start the flow, and says to it by a variable of its environment which machine that is. */
  startedBy(starter: LambdaFunction, variable: string): void {
    starter.addEnvironment(variable, this.machine.stateMachineArn);
    this.machine.grantStartExecution(starter);
  }

  /** What `startExecution.sync:2` needs: to start, to look and stop, and Step Functions' own rule for the end. */
  #mayRun(child: StateMachine): void {
    const executions = arn("states", `execution:${child.stateMachineName}:*`);
    const rule = arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule");
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

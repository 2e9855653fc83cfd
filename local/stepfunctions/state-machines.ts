import { randomUUID } from "node:crypto";
import type { LoggingConfiguration } from "@aws-sdk/client-sfn";
import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";
import type { Revision, StateMachine } from "./model.ts";
import { requireValidName } from "./names.ts";
import { definitionText, validateDefinition } from "./validate-definition.ts";

/** What CloudFormation gives for an `AWS::StepFunctions::StateMachine`, with substitutions already resolved. */
export interface StateMachineSettings {
  readonly name: string;
  readonly definition: string | object;
  readonly roleArn: string;
  readonly type?: string | undefined;
  readonly loggingConfiguration?: LoggingConfiguration | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** The state machines of one local cloud. */
export class StateMachines {
  readonly #context: CloudContext;
  readonly #byArn = new Map<string, StateMachine>();

  constructor(context: CloudContext) {
    this.#context = context;
  }

  /**
   * Creates a machine, or gives an existing one of that name a new revision, as a deployment would.
   * @returns the machine's ARN.
   * @throws AwsError InvalidName, InvalidDefinition (with every problem), StateMachineTypeNotSupported for Express.
   */
  put(settings: StateMachineSettings): string {
    requireValidName(settings.name);
    if (settings.type !== undefined && settings.type !== "STANDARD") {
      throw new AwsError(
        "StateMachineTypeNotSupported",
        `The local cloud runs STANDARD machines, not ${settings.type}.`,
      );
    }
    const arn = `arn:aws:states:${this.#context.region}:${this.#context.accountId}:stateMachine:${settings.name}`;
    const { loggingConfiguration } = settings;
    const existing = this.#byArn.get(arn);
    const revision = this.#revise(arn, settings, existing?.revision);
    const tags = new Map([...(existing?.tags ?? []), ...Object.entries(settings.tags ?? {})]);
    const creationDate = existing?.creationDate ?? revision.updateDate;
    this.#byArn.set(arn, { arn, name: settings.name, creationDate, revision, loggingConfiguration, tags });
    return arn;
  }

  #revise(stateMachineArn: string, settings: StateMachineSettings, current: Revision | undefined): Revision {
    const { name, roleArn } = settings;
    const text = definitionText(settings.definition);
    if (current?.text === text && current.roleArn === roleArn) return current;
    const { definition, diagnostics } = validateDefinition(text);
    if (definition === undefined) {
      const problems = diagnostics
        .map(({ code, message, location }) => `${code}: ${message} at ${location}`)
        .join(", ");
      throw new AwsError("InvalidDefinition", `Invalid State Machine Definition of ${name}: '${problems}'`);
    }
    const updateDate = new Date(this.#context.clock.now());
    return { revisionId: randomUUID(), stateMachineArn, name, roleArn, text, definition, updateDate };
  }

  /** @throws AwsError InvalidArn, StateMachineDoesNotExist */
  get(arn: string): StateMachine {
    if (!/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:/.test(arn)) {
      throw new AwsError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
    }
    const machine = this.#byArn.get(arn);
    if (machine === undefined) {
      throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    }
    return machine;
  }

  find(arn: string): StateMachine | undefined {
    return this.#byArn.get(arn);
  }

  list(): StateMachine[] {
    return [...this.#byArn.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Puts back what a snapshot kept. A later `put` with the same definition keeps the revision. */
  restore(machine: StateMachine): void {
    this.#byArn.set(machine.arn, machine);
  }
}

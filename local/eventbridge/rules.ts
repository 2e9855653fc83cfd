import type { RuleState, Target } from "@aws-sdk/client-eventbridge";
import type { CloudContext } from "../context/context.ts";
import type { PolicyDocument, Statement } from "../iam/policy.ts";
import { AwsError } from "../wire/contract.ts";
import type { EventTest } from "./patterns.ts";
import type { Schedule } from "./schedules.ts";

/** A rule, its compiled pattern or schedule, and its targets by id. */
export interface Rule {
  readonly name: string;
  readonly busName: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly state: RuleState;
  readonly eventPattern: string | undefined;
  readonly scheduleExpression: string | undefined;
  readonly matches: EventTest | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: ReadonlyMap<string, Target>;
}

export const DEFAULT_BUS = "default";

/** Buses and their rules. */
export class RuleStore {
  readonly #buses = new Map<string, Map<string, Rule>>([[DEFAULT_BUS, new Map()]]);

  /** Statements of each bus's own policy by their ids. */
  readonly #policies = new Map<string, Map<string, Statement>>();

  /** @throws AwsError `ResourceNotFoundException` */
  putStatement(reference: string, id: string, statement: Statement): void {
    this.#bus(reference);
    const name = busName(reference);
    this.#policies.set(name, new Map([...(this.#policies.get(name) ?? []), [id, statement]]));
  }

  removeStatement(reference: string, id: string): boolean {
    return this.#policies.get(busName(reference))?.delete(id) ?? false;
  }

  policyOf(reference: string): PolicyDocument | undefined {
    const statements = this.#policies.get(busName(reference));
    return statements && { Version: "2012-10-17", Statement: [...statements.values()] };
  }

  createBus(name: string): void {
    if (!this.#buses.has(name)) this.#buses.set(name, new Map());
  }

  busNames(): readonly string[] {
    return [...this.#buses.keys()];
  }

  hasBus(reference: string): boolean {
    return this.#buses.has(busName(reference));
  }

  /** Rules of a bus by name or ARN. @throws AwsError `ResourceNotFoundException` */
  rulesOf(reference = DEFAULT_BUS): readonly Rule[] {
    return [...this.#bus(reference).values()];
  }

  find(name: string, reference = DEFAULT_BUS): Rule | undefined {
    return this.#bus(reference).get(name);
  }

  /** @throws AwsError `ResourceNotFoundException` */
  get(name: string, reference = DEFAULT_BUS): Rule {
    const rule = this.find(name, reference);
    if (rule) return rule;
    const message = `Rule ${name} does not exist on EventBus ${busName(reference)}.`;
    throw new AwsError("ResourceNotFoundException", message);
  }

  put(rule: Rule): void {
    this.#bus(rule.busName).set(rule.name, rule);
  }

  delete(rule: Rule): void {
    this.#bus(rule.busName).delete(rule.name);
  }

  #bus(reference: string): Map<string, Rule> {
    const rules = this.#buses.get(busName(reference));
    if (rules) return rules;
    throw new AwsError("ResourceNotFoundException", `Event bus ${busName(reference)} does not exist.`);
  }
}

/** Whether an ARN is that of another account's or another Region's bus. */
export function isElsewhere({ region, accountId }: Pick<CloudContext, "region" | "accountId">, bus: string): boolean {
  return bus.startsWith("arn:") && !bus.startsWith(`arn:aws:events:${region}:${accountId}:`);
}

/** A bus may be given by name or by ARN. */
export function busName(reference: string): string {
  return reference.startsWith("arn:") ? (reference.split("/").at(-1) ?? reference) : reference;
}

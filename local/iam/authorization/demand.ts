import type { InputOf, OperationName } from "../../wire/contract.ts";
import type { PolicyRequest } from "../evaluate.ts";

/** Values of condition keys that a check adds to those of the principal. */
export type ConditionKeys = PolicyRequest["context"];

/** One thing that IAM checks for a call: an action on a resource, under conditions. A call is allowed if all of its demands are. */
export interface Demand {
  /** `ec2:CreateSubnet` */
  readonly action: string;
  /** An ARN; what is only being created ends in `/*`. `*` for actions without resources. */
  readonly resource: string;
  readonly keys: ConditionKeys;
}

/** What IAM checks for each operation of a service, as the Service Authorization Reference says. */
export type Demands<M> = {
  readonly [N in OperationName<M>]?: (input: InputOf<M, N>) => readonly Demand[];
};

/** The demands of a call; undefined for an operation that nobody has described. */
export type Mapping = (operation: string, input: unknown) => readonly Demand[] | undefined;

/**
 * Joins a service's demands into a look-up. A call that names no resource is checked on `*`. `onEverything` names the operations that know no resources but `*`
 * (EC2's `Describe…`), unless the table describes them.
 */
export function mappingOf<M>(prefix: string, demands: Demands<M>, onEverything?: RegExp): Mapping {
  return (operation, input) => {
    const whole = demand(`${prefix}:${operation}`, "*");
    const describe: unknown = Reflect.get(demands, operation);
    if (!isDescription(describe)) return onEverything?.test(operation) ? [whole] : undefined;
    const found = describe(input);
    return found.length === 0 ? [whole] : found;
  };
}

function isDescription(value: unknown): value is (input: unknown) => readonly Demand[] {
  return typeof value === "function";
}

export function demand(action: string, resource: string, keys: ConditionKeys = {}): Demand {
  return { action, resource, keys };
}

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** `aws:RequestTag/…` and `aws:TagKeys`: what the caller wants to tag with. Absent without tags, as in AWS. */
export function requestTags(tags: readonly Tag[] | undefined): ConditionKeys {
  if (!tags || tags.length === 0) return {};
  const values = tags.map(({ Key = "", Value = "" }): [string, string] => [`aws:RequestTag/${Key}`, Value]);
  return { ...Object.fromEntries(values), "aws:TagKeys": tags.map(({ Key = "" }) => Key) };
}

/** The tags that a resource has, under the global key and each service's own. */
export function resourceTags(tags: Readonly<Record<string, string>>, ...prefixes: string[]): ConditionKeys {
  const entries = ["aws:ResourceTag", ...prefixes].flatMap((prefix) =>
    Object.entries(tags).map(([key, value]): [string, string] => [`${prefix}/${key}`, value]),
  );
  return Object.fromEntries(entries);
}

/** Strings that are there. */
export function given(values: readonly (string | undefined)[]): string[] {
  return values.filter((value) => value !== undefined && value !== "").map(String);
}

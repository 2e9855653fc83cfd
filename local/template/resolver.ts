import * as z from "zod";
import type { Template } from "./template-schema.ts";

/** What Ref and Fn::GetAtt of a resource give. */
export interface ProvisionedResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ResolverOptions {
  readonly template: Template;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /** Values of the template's parameters, where they are not the defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** A resource that exists by now; undefined if it does not (yet). */
  readonly resource: (logicalId: string) => ProvisionedResource | undefined;
}

export interface Resolver {
  /** The value with every intrinsic function replaced. Throws on one that is not known, and on dangling references. */
  resolve(value: unknown): unknown;
  condition(name: string): boolean;
}

export function stackId({ region, accountId }: { region: string; accountId: string }, stackName: string): string {
  return `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`;
}

/** Stands for `AWS::NoValue`: what resolves to it is left out. */
const NO_VALUE = Symbol("AWS::NoValue");

const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const GetAtt = z.union([
  z.tuple([z.string(), z.string()]),
  z.string().transform((path): [string, string] => {
    const dot = path.indexOf(".");
    return [path.slice(0, dot), path.slice(dot + 1)];
  }),
]);
const Sub = z.union([
  z.string().transform((text): [string, Record<string, unknown>] => [text, {}]),
  z.tuple([z.string(), z.record(z.string(), z.unknown())]),
]);

/** Intrinsic functions of CloudFormation as far as CDK writes them (CFN `intrinsic-function-reference.html`). */
export function createResolver(options: ResolverOptions): Resolver {
  const { template } = options;
  const pseudo: Readonly<Record<string, unknown>> = {
    "AWS::Region": options.region,
    "AWS::AccountId": options.accountId,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": options.stackName,
    "AWS::StackId": stackId(options, options.stackName),
    "AWS::NoValue": NO_VALUE,
  };

  const resourceOf = (logicalId: string): ProvisionedResource => {
    const found = options.resource(logicalId);
    if (!found) throw new Error(`${logicalId} is referenced, but no such resource or parameter exists`);
    return found;
  };
  const reference = (name: string): unknown => {
    if (name in pseudo) return pseudo[name];
    const parameter = template.Parameters[name];
    return parameter ? (options.parameters?.[name] ?? parameter.Default) : resourceOf(name).ref;
  };
  const attribute = (logicalId: string, name: string): string => {
    const value = resourceOf(logicalId).attributes[name];
    if (value !== undefined) return value;
    throw new Error(
      `The local cloud does not know the attribute ${name} of ${logicalId} (${template.Resources[logicalId]?.Type})`,
    );
  };
  const condition = (name: string): boolean => {
    if (!(name in template.Conditions)) throw new Error(`The condition ${name} is not declared`);
    return resolve(template.Conditions[name]) === true;
  };

  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve).filter((element) => element !== NO_VALUE);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [[name = "", operand] = [], ...more] = entries;
    if (more.length === 0 && name in functions) return functions[name]?.(operand);
    // A reference to another condition, which only conditions may hold; a policy's `Condition` is an object.
    if (more.length === 0 && name === "Condition" && typeof operand === "string") return condition(operand);
    if (name.startsWith("Fn::")) throw new Error(`The local cloud does not know the intrinsic function ${name}`);
    return Object.fromEntries(
      entries.map(([key, member]) => [key, resolve(member)]).filter(([, member]) => member !== NO_VALUE),
    );
  };
  const lookups: Lookups = { reference, attribute, resolve, condition };
  const functions: IntrinsicFunctions = { ...valueFunctions(options, lookups), ...conditionFunctions(lookups) };
  return { resolve, condition };
}

/** What intrinsic functions are made of. */
interface Lookups extends Resolver {
  /** `Ref` */
  readonly reference: (name: string) => unknown;
  /** `Fn::GetAtt` */
  readonly attribute: (logicalId: string, name: string) => string;
}

type IntrinsicFunctions = Readonly<Record<string, (operand: unknown) => unknown>>;

function valueFunctions({ template, region }: ResolverOptions, lookups: Lookups): IntrinsicFunctions {
  const { reference, attribute } = lookups;
  const list = (value: unknown): unknown[] => listOf(lookups.resolve(value));
  const text = (value: unknown): string => Text.parse(lookups.resolve(value));
  return {
    Ref: (operand) => reference(z.string().parse(operand)),
    "Fn::GetAtt": (operand) => attribute(...GetAtt.parse(operand)),
    "Fn::Sub": (operand) => substitute(operand, lookups, text),
    "Fn::Join": (operand) => {
      const [separator, values] = z.tuple([z.string(), z.unknown()]).parse(operand);
      return list(values)
        .map((value) => Text.parse(value))
        .join(separator);
    },
    "Fn::Select": (operand) => {
      const [index, values] = z.tuple([z.unknown(), z.unknown()]).parse(operand);
      const value = list(values)[Number(text(index))];
      if (value === undefined) throw new Error(`Fn::Select: there is no element ${text(index)}`);
      return value;
    },
    "Fn::Split": (operand) => {
      const [separator, value] = z.tuple([z.string(), z.unknown()]).parse(operand);
      return text(value).split(separator);
    },
    "Fn::Base64": (operand) => Buffer.from(text(operand)).toString("base64"),
    "Fn::FindInMap": (operand) => {
      const [map, first, second] = z.tuple([z.unknown(), z.unknown(), z.unknown()]).parse(operand);
      return template.Mappings[text(map)]?.[text(first)]?.[text(second)];
    },
    "Fn::GetAZs": () => ["a", "b", "c"].map((zone) => `${region}${zone}`),
  };
}

function substitute(operand: unknown, { reference, attribute }: Lookups, text: (value: unknown) => string): string {
  const [pattern, variables] = Sub.parse(operand);
  return pattern.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in variables) return text(variables[name]);
    return Text.parse(name.includes(".") ? attribute(...GetAtt.parse(name)) : reference(name));
  });
}

function conditionFunctions({ resolve, condition }: Lookups): IntrinsicFunctions {
  const list = (value: unknown): unknown[] => listOf(resolve(value));
  return {
    "Fn::If": (operand) => {
      const [name, yes, no] = z.tuple([z.string(), z.unknown(), z.unknown()]).parse(operand);
      return resolve(condition(name) ? yes : no);
    },
    "Fn::Equals": (operand) => {
      // Parameters are text to CloudFormation, numbers too.
      const [one, other] = list(operand).map((value) => (typeof value === "number" ? String(value) : value));
      return JSON.stringify(one) === JSON.stringify(other);
    },
    "Fn::Not": (operand) => !list(operand)[0],
    "Fn::And": (operand) => list(operand).every(Boolean),
    "Fn::Or": (operand) => list(operand).some(Boolean),
  };
}

function listOf(value: unknown): unknown[] {
  return z.array(z.unknown()).parse(value);
}

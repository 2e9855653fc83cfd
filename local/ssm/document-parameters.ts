import { AwsError } from "../wire/contract.ts";
import type { CommandDocument, DocumentParameter } from "./document-content.ts";

/** A step with its parameters filled in, ready to run. */
export interface RunnableStep {
  readonly name: string;
  readonly script: string;
  readonly timeoutMs: number;
}

type Values = ReadonlyMap<string, string | readonly string[]>;

/** What AWS-RunShellScript and steps without `timeoutSeconds` allow. */
const DEFAULT_TIMEOUT_SECONDS = 3_600;

/**
 * Fills a command's parameters into its document.
 * @throws AwsError `InvalidParameters` for one that the document does not declare, lacks, or does not allow.
 */
export function renderSteps(document: CommandDocument, given: Readonly<Record<string, string[]>>): RunnableStep[] {
  const values = checkParameters(document.parameters ?? {}, given);
  return document.mainSteps.map(({ name, inputs }) => {
    const lines = [inputs.runCommand].flat().flatMap((line) => fillLine(line, values));
    const directory = fill(inputs.workingDirectory ?? "", values);
    const timeout = Number(fill(String(inputs.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS), values));
    if (!Number.isInteger(timeout) || timeout <= 0)
      throw invalid(`timeoutSeconds of ${name} is not a number of seconds.`);
    const change = directory === "" ? [] : [`cd '${directory.replaceAll("'", "'\\''")}' || exit 1`];
    return { name, script: [...change, ...lines].join("\n"), timeoutMs: timeout * 1_000 };
  });
}

function checkParameters(
  declared: Readonly<Record<string, DocumentParameter>>,
  given: Readonly<Record<string, string[]>>,
): Values {
  const stranger = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (stranger) throw invalid(`Parameter ${stranger} is not defined in the document.`);
  const values = new Map<string, string | readonly string[]>();
  for (const [name, parameter] of Object.entries(declared)) {
    const list = given[name] ?? defaultOf(parameter);
    if (!list) throw invalid(`Parameter ${name} requires a value.`);
    for (const value of list) checkValue(name, parameter, value);
    values.set(name, parameter.type === "StringList" ? list : singleValue(name, list));
  }
  return values;
}

function defaultOf(parameter: DocumentParameter): string[] | undefined {
  return parameter.default === undefined ? undefined : [parameter.default].flat().map(String);
}

function singleValue(name: string, list: readonly string[]): string {
  const [only, ...more] = list;
  if (only === undefined || more.length > 0) throw invalid(`Parameter ${name} takes exactly one value.`);
  return only;
}

function checkValue(name: string, parameter: DocumentParameter, value: string): void {
  const { allowedValues, allowedPattern, minChars = 0, maxChars = Number.POSITIVE_INFINITY } = parameter;
  if (allowedValues && !allowedValues.map(String).includes(value)) {
    throw invalid(
      `Parameter "${name}" value "${value}" is not one of the allowed values: [${allowedValues.join(", ")}].`,
    );
  }
  if (allowedPattern && !new RegExp(allowedPattern).test(value)) {
    throw invalid(`Parameter "${name}" value "${value}" does not match the allowed pattern: ${allowedPattern}`);
  }
  if (value.length < minChars || value.length > maxChars) {
    throw invalid(`Parameter "${name}" must have between ${minChars} and ${maxChars} characters.`);
  }
  if (parameter.type === "Integer" && !/^-?\d+$/.test(value)) throw invalid(`Parameter "${name}" must be an integer.`);
  if (parameter.type === "Boolean" && !/^(true|false)$/.test(value))
    throw invalid(`Parameter "${name}" must be a boolean.`);
}

/** A line that is nothing but a list parameter becomes the list's lines: how `runCommand` takes `{{ commands }}`. */
function fillLine(line: string, values: Values): readonly string[] {
  const whole = /^\s*\{\{\s*([\w-]+)\s*\}\}\s*$/.exec(line)?.[1];
  const value = whole === undefined ? undefined : values.get(whole);
  return Array.isArray(value) ? value : [fill(line, values)];
}

function fill(text: string, values: Values): string {
  return text.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (match, name: string) => {
    const value = values.get(name);
    if (value === undefined) return match;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameters", message);
}

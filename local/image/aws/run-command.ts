import type { ClientSettings } from "./client-settings.ts";
import { describeFailure, UsageError } from "./errors.ts";
import type { Operation } from "./operations.ts";
import { formatOutput } from "./output.ts";
import { parseParameters } from "./parameters.ts";
import { select } from "./query.ts";
import { findRegion } from "./region.ts";

/** Options of the `aws` command itself; they may stand anywhere. */
const GLOBAL_OPTIONS = ["--query", "--output", "--region", "--endpoint-url"];
const GLOBAL_FLAGS = ["--no-cli-pager", "--no-paginate"];

/** What a program of the stand-in knows: operations of the API, and commands that are more than one call. */
interface Commands {
  readonly operations: Readonly<Record<string, Operation>>;
  /** Resolve with the exit code. */
  readonly others?: Readonly<Record<string, (settings: ClientSettings, words: readonly string[]) => Promise<number>>>;
}

/** `aws <service> <command> …`; resolves with the exit code. */
export async function runCommand(argv: readonly string[], { operations, others }: Commands): Promise<number> {
  if (argv.includes("--version")) {
    process.stdout.write(`aws-cli/2 (stand-in of the local cloud) node/${process.versions.node}\n`);
    return 0;
  }
  let operationName = "";
  try {
    const { globals, words } = splitGlobals(argv);
    const [service = "", command = "", ...parameters] = words;
    const operation = operations[`${service} ${command}`];
    const other = others?.[`${service} ${command}`];
    const endpoint = globals["--endpoint-url"] ?? process.env["AWS_ENDPOINT_URL"];
    const settings = async () => {
      const region = globals["--region"] ?? (await findRegion(process.env));
      return { region, ...(endpoint && { endpoint }) };
    };
    if (other) return await other(await settings(), parameters);
    if (!operation) throw new UsageError(`the stand-in of the local cloud does not know "${service} ${command}"`);
    operationName = operation.name;
    const file = operation.outfile ? { outfile: parameters.at(-1) } : {};
    const options = operation.outfile ? parameters.slice(0, -1) : parameters;
    const input = { ...parseParameters(options, operation.parameters), ...file };
    const output = await callAllPages(operation, await settings(), input);
    const query = globals["--query"];
    const result = query === undefined ? output : select(output, query);
    const format = globals["--output"] ?? process.env["AWS_DEFAULT_OUTPUT"] ?? "json";
    if (Object.keys(output).length > 0) process.stdout.write(formatOutput(result, format));
    return 0;
  } catch (error) {
    const { text, exitCode } = describeFailure(error, operationName);
    process.stderr.write(text);
    return exitCode;
  }
}

function splitGlobals(argv: readonly string[]): { globals: Record<string, string>; words: string[] } {
  const globals: Record<string, string> = {};
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (GLOBAL_FLAGS.includes(word)) continue;
    // `--name=value` and `--name value` are the same.
    const [, option = word, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (GLOBAL_OPTIONS.includes(option)) globals[option] = value ?? argv[++at] ?? "";
    else words.push(option, ...(value === undefined ? [] : [value]));
  }
  return { globals, words };
}

async function callAllPages(
  operation: Operation,
  settings: ClientSettings,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const items: unknown[] = [];
  let page: Record<string, unknown> = {};
  do {
    const { NextToken } = page;
    const output = await operation.call(settings, { ...input, ...(NextToken !== undefined && { NextToken }) });
    page = Object.fromEntries(
      Object.entries(output).filter(([name, value]) => name !== "$metadata" && value !== undefined),
    );
    const list = operation.pages && page[operation.pages];
    if (Array.isArray(list)) items.push(...list);
  } while (operation.pages && page["NextToken"]);
  return operation.pages ? { [operation.pages]: items } : page;
}

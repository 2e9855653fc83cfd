import { execFile } from "node:child_process";
import { search } from "@aws-lambda-powertools/jmespath";
import type { Names } from "./account.ts";
import type { OperatorCall } from "./calls.ts";

/** Undefined where a call works; else what is wrong with it. */
export type Outcome = string | undefined;

/** The words of a command with names put in. Single quotes keep spaces together, as in a shell. */
export function wordsOf(command: string, names: Names): string[] {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
  return words.map((word) => withNames(word, names));
}

export function withNames(text: string, names: Names): string {
  return text.replaceAll(/\$([A-Z_]+)/g, (whole, name: string) => names[name] ?? whole);
}

export interface CliPlace {
  readonly names: Names;
  readonly environment: Readonly<Record<string, string>>;
  readonly endpoint: string;
}

/** Runs `aws` with the words, as an operator would, and compares its answer with what is expected. */
export async function runCli(
  program: string,
  call: OperatorCall,
  { names, environment, endpoint }: CliPlace,
): Promise<Outcome> {
  const env = { ...process.env, ...environment, AWS_PAGER: "", AWS_DEFAULT_OUTPUT: "json" };
  const words = [...wordsOf(call.command, names), "--endpoint-url", endpoint];
  const { promise, resolve } = Promise.withResolvers<{ code: number; stdout: string; stderr: string }>();
  execFile(program, words, { env, timeout: 60_000, maxBuffer: 64 * 1_048_576 }, (error, stdout, stderr) =>
    resolve({ code: error ? 1 : 0, stdout, stderr }),
  );
  const { code, stdout, stderr } = await promise;
  if (call.error !== undefined)
    return code !== 0 && stderr.includes(`(${call.error})`) ? undefined : `no ${call.error}: ${stderr}${stdout}`;
  if (code !== 0) return stderr.trim() || "ended with an error, or after a minute";
  // Not everything that succeeds answers in JSON.
  if (call.expect === undefined) return undefined;
  return unmet(call, stdout.trim() === "" ? {} : JSON.parse(stdout), names);
}

export function unmet({ expect }: OperatorCall, answer: unknown, names: Names): Outcome {
  if (expect === undefined || holds(withNames(expect, names), answer)) return undefined;
  return `not so: ${expect} in ${JSON.stringify(answer).slice(0, 400)}`;
}

function holds(expression: string, answer: unknown): boolean {
  return search(expression, JSON.parse(JSON.stringify(answer ?? null))) === true;
}

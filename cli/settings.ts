import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { CommandFailed } from "../client/api-errors.ts";
import { EXIT } from "../client/exit-codes.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The two flags that belong to no command; they may stand anywhere before `--`. */
export const GLOBAL_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ["--profile <name>", "endpoint and credentials to use, of those in the configuration"],
  ["--config <file>", "configuration to read (~/.config/holdfast/config.yaml)"],
];

/** Takes the global flags out of the words. */
export function splitGlobals(argv: readonly string[]): {
  readonly words: string[];
  readonly profile: string | undefined;
  readonly config: string | undefined;
} {
  const found: Record<string, string | undefined> = {};
  const words: string[] = [];
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  for (let index = 0; index < end; index++) {
    const word = argv[index] ?? "";
    const [, name = "", joined] = /^--(profile|config)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === "") words.push(word);
    else {
      found[name] = joined ?? (index + 1 < end ? argv[++index] : undefined);
      if (!found[name]) throw new CommandFailed(`--${name} needs a value`, EXIT.badUsage);
    }
  }
  return { words: [...words, ...argv.slice(end)], profile: found["profile"], config: found["config"] };
}

/**
 * The environment of commands. A named profile has priority over `HOLDFAST_API`, `AWS_PROFILE` and AWS's keys; those have
 * priority over the file's own choice. Throws CommandFailed if the file is invalid or has no such profile.
 */
export async function applyProfile(
  environment: Environment,
  asked: { readonly profile?: string | undefined; readonly config?: string | undefined },
): Promise<Environment> {
  const named = asked.profile ?? (environment["HOLDFAST_PROFILE"] || undefined);
  const { path, isExplicit } = configurationPath(environment, asked.config);
  const file = await readConfiguration(path, isExplicit);
  if (file === undefined && named !== undefined) {
    const why = `${path} does not exist; docs/cli.md says what it holds`;
    throw new CommandFailed(`there is no profile ${named}: ${why}`, EXIT.badUsage);
  }
  const chosen = named ?? file?.profile;
  if (file === undefined || chosen === undefined) return environment;
  const profile = file.profiles[chosen];
  if (!profile) {
    const known = Object.keys(file.profiles).join(", ") || "none";
    throw new CommandFailed(`${path} has no profile ${chosen}; it has: ${known}`, EXIT.badUsage);
  }
  const values = {
    HOLDFAST_API: profile.api,
    ...(profile.region === undefined ? {} : { AWS_REGION: profile.region }),
    ...(profile.awsProfile === undefined ? {} : { AWS_PROFILE: profile.awsProfile }),
  };
  if (named === undefined) return { ...values, ...present(environment) };
  return { ...(profile.awsProfile === undefined ? environment : withoutKeys(environment)), ...values };
}

/** Keys would have priority over a profile of AWS. */
function withoutKeys(environment: Environment): Environment {
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, AWS_SESSION_TOKEN: _token, ...others } = environment;
  return others;
}

/**
 * The environment of commands to another Holdfast, found by its address: if the configuration has a profile with it, with
 * the credentials that the profile names. Keys in the environment are of another account then.
 */
export async function settingsFor(
  environment: Environment,
  asked: { readonly config?: string | undefined },
  api: string,
): Promise<Environment> {
  const { path, isExplicit } = configurationPath(environment, asked.config);
  const file = await readConfiguration(path, isExplicit);
  const found = Object.values(file?.profiles ?? {}).find((profile) => addressOf(profile.api) === addressOf(api));
  const others = { ...environment, HOLDFAST_PROFILE: "" };
  if (found?.awsProfile === undefined) return others;
  return { ...others, AWS_PROFILE: found.awsProfile, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
}

function addressOf(api: string): string {
  return api.toLowerCase().replace(/\/$/, "");
}

function configurationPath(environment: Environment, config: string | undefined) {
  const explicit = config ?? (environment["HOLDFAST_CONFIG"] || undefined);
  const path = explicit ?? join(configFolder(environment), "holdfast", "config.yaml");
  return { path, isExplicit: explicit !== undefined };
}

function configFolder(environment: Environment): string {
  return environment["XDG_CONFIG_HOME"] || join(environment["HOME"] ?? homedir(), ".config");
}

async function readConfiguration(path: string, isNeeded: boolean) {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (!isNeeded) return undefined;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = isMissing ? "there is no such file; docs/cli.md says what it holds" : String(error);
    throw new CommandFailed(`cannot read ${path}: ${why}`, EXIT.badUsage);
  }
  // Most people have no such file, and what reads it takes long to load.
  const { parseConfiguration } = await import("./configuration.ts");
  return parseConfiguration(text, path);
}

function present(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
}

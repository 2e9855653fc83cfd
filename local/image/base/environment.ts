import { readFile } from "node:fs/promises";

/** `NAME=value` lines, optionally quoted, `#` and `;` comments: the format of /etc/environment and EnvironmentFile=. */
export function parseEnvironmentFile(content: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of content.replaceAll(/\\\n/g, "").split("\n")) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (!match?.[1]) continue;
    values[match[1]] = unquote((match[2] ?? "").trim());
  }
  return values;
}

/** What user data, services and commands of the agent start with: the image's /etc/environment, as PAM would load it. */
export async function environment(): Promise<Record<string, string>> {
  const declared = parseEnvironmentFile(await readFile("/etc/environment", "utf8").catch(() => ""));
  return { ...inherited(), HOME: "/root", USER: "root", LANG: "C.UTF-8", ...declared };
}

function inherited(): Record<string, string> {
  const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
  return { PATH, NODE_COMPILE_CACHE };
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted ? (quoted[2] ?? "") : value;
}

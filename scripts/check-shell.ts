import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = [".ci", "bench", "cli", "client", "functions", "infra", "local", "scripts", "test"];

/** What stands in a document for a parameter while it is checked: as SSM would put it there. */
const SAMPLES: Readonly<Record<string, string>> = { count: "3", nodes: "i-0000000a i-0000000b" };

/** SC1091: files that are sourced lie on hosts, not here. */
const EXCLUDED = "SC1091";

/** Replaces SSM's `{{ name }}`, which no shell would read. */
export function withoutPlaceholders(text: string): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_placeholder, name: string) => SAMPLES[name] ?? "word");
}

function isShell(path: string): boolean {
  if (path.endsWith(".sh")) return true;
  const [first = ""] = readFileSync(path, "utf8").split("\n", 1);
  return /^#!.*\b(ba)?sh\b/.test(first);
}

/** Every file of the repository that a shell runs, each once however many names it has. */
function shellFiles(): string[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => join(ROOT, folder, name)),
  );
  const own = files.map((path) => realpathSync(path)).filter((path) => statSync(path).isFile());
  return [...new Set(own)].filter(isShell).toSorted();
}

/** What shellcheck says of one file, a line a finding, or undefined where the program is not there. */
function findings(path: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(
    "shellcheck",
    ["--shell=bash", "--severity=style", `--exclude=${EXCLUDED}`, "--format=gcc", "-"],
    { input: withoutPlaceholders(readFileSync(path, "utf8")), encoding: "utf8" },
  );
  if (error) return undefined;
  return `${stdout}${stderr}`.replaceAll(/^-:/gm, `${relative(ROOT, path)}:`);
}

function checkAll(): void {
  const files = shellFiles();
  const found = files.map(findings);
  if (found.includes(undefined)) {
    console.error("shell files were not checked: there is no shellcheck here; on Debian: apt-get install shellcheck");
    return;
  }
  const text = found.join("");
  if (text === "") {
    console.error(`shellcheck: ${files.length} files, no findings`);
    return;
  }
  console.error(text.trimEnd());
  process.exitCode = 1;
}

if (import.meta.main) checkAll();

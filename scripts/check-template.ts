import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
/** A Python environment of this checkout alone, for machines that have no cfn-lint. */
const OWN = join(ROOT, ".holdfast", "tools", "cfn-lint");
const VERSION = "1.51.0";

function runs(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function install(): boolean {
  console.error(`installing cfn-lint ${VERSION} for this checkout`);
  const quiet = { stdio: "ignore", timeout: 180_000 } as const;
  return (
    spawnSync("python3", ["-m", "venv", OWN], quiet).status === 0 &&
    spawnSync(join(OWN, "bin", "pip"), ["install", "--quiet", `cfn-lint==${VERSION}`], quiet).status === 0
  );
}

/** The machine's cfn-lint, or else our own; undefined where there is none and none can be had. */
function findLinter(): string | undefined {
  if (runs("cfn-lint")) return "cfn-lint";
  const own = join(OWN, "bin", "cfn-lint");
  if (existsSync(own) && runs(own)) return own;
  return install() && runs(own) ? own : undefined;
}

/** Holds the synthesized template against CloudFormation's schemas and rules, as .cfnlintrc says. */
function checkTemplate(): void {
  const linter = findLinter();
  if (linter === undefined) {
    console.error(`the template was not linted: there is no cfn-lint here, and pip could not install ${VERSION}`);
    return;
  }
  const { status } = spawnSync(linter, [], { cwd: ROOT, stdio: "inherit" });
  if (status === 0) console.error("cfn-lint: no findings");
  else process.exitCode = 1;
}

if (import.meta.main) checkTemplate();

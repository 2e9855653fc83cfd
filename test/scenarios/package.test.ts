import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandResult, type Scenario, startScenario } from "../support/scenario.ts";

const ROOT = join(import.meta.dirname, "../..");
const NAME = "packed.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const CREATE = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "3", NAME];

/** This Node, and an older one where a variable names it: the oldest that the package takes is 22. */
const NODES = [process.execPath, process.env["HOLDFAST_PACKAGE_NODE"] ?? process.execPath];

let prefix: string;
let home: string;
let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  prefix = await mkdtemp(join(tmpdir(), "holdfast-prefix-"));
  home = await mkdtemp(join(tmpdir(), "holdfast-home-"));
  const tarball = execFileSync(process.execPath, [join(ROOT, "scripts/package.ts")], { encoding: "utf8" }).trim();
  // Neither the registry nor what npm keeps of it: nothing but the tarball.
  const cache = join(prefix, "cache");
  execFileSync("npm", ["install", "--global", "--offline", "--prefix", prefix, "--cache", cache, tarball]);
  const { code, stderr } = await scenario.holdfast(...CREATE, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
  await Promise.all([prefix, home].map((folder) => rm(folder, { recursive: true, force: true })));
});

function environmentOf(node: string): NodeJS.ProcessEnv {
  return {
    PATH: [join(prefix, "bin"), dirname(node), process.env["PATH"]].join(delimiter),
    HOME: home,
    HOLDFAST_API: scenario.cloud.endpoints.api,
    NO_COLOR: "1",
  };
}

async function holdfast(node: string, ...args: string[]): Promise<CommandResult> {
  try {
    const answer = await promisify(execFile)("holdfast", args, { env: environmentOf(node), cwd: home });
    return { code: 0, ...answer };
  } catch (error) {
    const { code = 1, stdout = "", stderr = "" } = Object(error) as Partial<CommandResult>;
    return { code, stdout, stderr };
  }
}

test("the package is one bundled file and what starts it; it depends on nothing", () => {
  const folder = join(prefix, "lib/node_modules/holdfast");

  expect(readdirSync(folder).toSorted()).toEqual([
    ...["LICENSE", "README.md", "THIRD-PARTY-LICENSES", "holdfast.cjs", "main.cjs", "package.json"],
  ]);
  const { description, ...manifest } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  expect(manifest).toEqual({
    name: "holdfast",
    version: "0.1.0",
    license: "Apache-2.0",
    bin: { holdfast: "holdfast.cjs" },
    engines: { node: ">=22" },
    files: ["holdfast.cjs", "main.cjs", "THIRD-PARTY-LICENSES"],
  });
  expect(statSync(join(folder, "holdfast.cjs")).size).toBeLessThan(2_000);
});

test("every package that is bundled comes with its license", () => {
  const licenses = readFileSync(join(prefix, "lib/node_modules/holdfast/THIRD-PARTY-LICENSES"), "utf8");

  for (const name of ["commander", "zod", "yaml", "@aws-sdk/credential-provider-node", "@peculiar/x509"])
    expect(licenses).toMatch(new RegExp(`^${name}\n\n.*\\S`, "m"));
  expect(licenses).not.toMatch(/^---+\n\n.*\n\n\n/m);
});

describe.each([...new Set(NODES)])("with %s", (node) => {
  test("version, and the help of commands", async () => {
    expect(await holdfast(node, "version")).toEqual({ code: 0, stdout: "holdfast 0.1.0\n", stderr: "" });
    expect(await holdfast(node, "--version")).toMatchObject({ code: 0, stdout: "holdfast 0.1.0\n" });
    expect((await holdfast(node, "--help")).stdout).toContain("create");
    expect((await holdfast(node, "create", "cluster", "--help")).stdout).toContain("--master-zones");
  });

  test("a dry run plans without any API", async () => {
    const planned = await holdfast(node, ...CREATE, "--dry-run", "-o", "json");

    expect(planned).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(planned.stdout).plan.survives).toEqual({ masters: 1, zones: ZONES.split(",") });
    expect((await holdfast(node, ...CREATE, "--dry-run")).stdout).toContain(`Cluster ${NAME} in us-west-2`);
    expect((await holdfast(node, ...CREATE, "--dry-run", "-o", "yaml")).stdout).toContain("masters: 1\n");
  });

  test("what is wrong is refused with exit code 2", async () => {
    const refused = await holdfast(node, ...CREATE, "--master-count", "2", "--dry-run", "-o", "json");

    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout).problems).toContainEqual(
      expect.objectContaining({ flag: "--master-count", value: "2" }),
    );
  });

  test("it talks to an API: requests are signed, answers checked and shown", async () => {
    expect((await holdfast(node, "get", "clusters")).stdout).toContain(NAME);
    const plan = await holdfast(node, ...CREATE.slice(0, -1), "other.example.com");
    expect(plan.stderr).toContain("Nothing was changed.");
    expect(plan.stderr).not.toContain("not checked against the account");
    expect(await holdfast(node, "validate", "cluster", "none.example.com")).toMatchObject({ code: 3 });
  });

  test("it makes a key, has it signed, and writes a kubeconfig", async () => {
    const { code, stdout } = await holdfast(node, "export", "kubeconfig", NAME, "-o", "yaml");

    expect(code).toBe(0);
    expect(stdout).toContain("client-key-data: ");
  });

  test("a profile of the configuration is read", async () => {
    const missing = await holdfast(node, "get", "clusters", "--config", join(ROOT, "package.json"));

    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('Unrecognized keys: "name"');
  });

  test("local and demo say where they are", async () => {
    for (const command of ["local", "demo"]) {
      const { code, stderr } = await holdfast(node, command);
      expect(code).toBe(1);
      expect(stderr).toBe(
        `error: holdfast ${command} is not part of the npm package; clone the repository and run there: npm ci && npm run ${command}\n`,
      );
    }
  });

  test("it completes commands, flags and names of clusters, and prints the script that asks for them", async () => {
    const offered = async (...words: string[]) => (await holdfast(node, "complete", "--", ...words)).stdout;

    expect(await offered("val")).toMatch(/^validate\t/m);
    expect(await offered("create", "cluster", "--master-z")).toMatch(/^--master-zones\t/m);
    expect(await offered("delete", "cluster", "")).toMatch(new RegExp(`^${NAME}\t`, "m"));
    const { code, stdout } = await holdfast(node, "completion", "bash");
    expect(code).toBe(0);
    expect(spawnSync("bash", ["-n"], { input: stdout })).toMatchObject({ status: 0 });
  });

  test("what is compiled is kept in the user's own cache", async () => {
    const version = globSync(join(home, ".cache/holdfast/version/*/*"));

    expect(version.length).toBeGreaterThan(0);
    expect(existsSync(join(home, ".cache/holdfast/create"))).toBe(true);
  });
});

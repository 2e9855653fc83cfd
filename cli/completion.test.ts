import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { EVENT_TYPES } from "../client/grammar/event-types.ts";
import { FakeApi } from "../test/support/fake-api.ts";
import { LAUNCHER, runCli, startCli } from "../test/support/run-cli.ts";
import { clusterView } from "../test/support/views.ts";

const folder = mkdtempSync(`${tmpdir()}/holdfast-completion-`);
/** What a shell would offer: a value and its description a line, then a directive. */
async function printed(words: readonly string[], api = "http://127.0.0.1:1"): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    await runCli(["complete", "--", ...words], { HOLDFAST_API: api });
  } finally {
    console.log = log;
  }
  return lines.join("\n").split("\n");
}

async function offered(...words: string[]): Promise<string[]> {
  return (await printed(words)).flatMap((line) => line.split("\t")[0] || []);
}

test.each(["bash", "zsh", "fish"])(
  "the script for %s asks this very program, which need not be on the PATH",
  async (shell) => {
    const { code, stdout } = await startCli(LAUNCHER, ["completion", shell], folder);

    expect(code).toBe(0);
    expect(stdout).toContain(`'${process.execPath}' '${LAUNCHER}' complete --`);
  },
);

/** What bash offers for a line after it has sourced the script, twice, as a new shell in a shell does. */
async function inBash(...words: string[]): Promise<string[]> {
  const { stdout: script } = await startCli(LAUNCHER, ["completion", "bash"], folder);
  const file = `${folder}/completion.bash`;
  writeFileSync(file, script);
  const line = words.join(" ");
  const asked = `
    compopt() { :; }
    source ${file}; source ${file}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}) COMP_CWORD=${words.length - 1}
    COMP_LINE='${line}' COMP_POINT=${line.length}
    $(complete -p ${words[0]} | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, HOLDFAST_API: "http://127.0.0.1:1", PATH: "/usr/bin:/bin" };
  const { stdout, stderr } = spawnSync("bash", ["--norc", "--noprofile", "-c", asked], { encoding: "utf8", env });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((each) => each !== "");
}

test("a value without a description is printed alone", async () => {
  expect(await printed(["create", "cluster", "--topology", ""])).toEqual(["public", "private", ":4"]);
});

test("what the script calls is no command to type", async () => {
  expect(await offered("comp")).toEqual(["completion", ":4"]);
});

test("after npm ci bash completes holdfast and npx holdfast, though nothing is on the PATH", async () => {
  expect(await inBash("holdfast", "get", "no")).toEqual(["nodes", "nodegroups"]);
  expect(await inBash("npx", "holdfast", "get", "no")).toEqual(["nodes", "nodegroups"]);
  expect(await inBash("npx", "holdfast", "create", "cluster", "--topology", "")).toEqual(["public", "private"]);
});

test("a shell that is not known is refused with those that are", async () => {
  expect(await startCli(LAUNCHER, ["completion", "tcsh"], folder)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Allowed choices are bash, zsh, fish, powershell."),
  });
});

test("commands, flags and their values are offered", async () => {
  expect(await offered("val")).toContain("validate");
  expect(await offered("get", "")).toEqual(expect.arrayContaining(["clusters", "operations", "events"]));
  expect(await offered("create", "cluster", "--mas")).toEqual(
    expect.arrayContaining(["--master-zones", "--master-size", "--master-count"]),
  );
  expect(await offered("get", "clusters", "-o", "")).toEqual(expect.arrayContaining(["table", "json", "yaml"]));
});

test.each([
  ["create cluster --topology", ["public", "private"]],
  ["create cluster --networking", ["cilium", "calico"]],
  ["create cluster --master-zone-fallback", ["wait", "move"]],
  ["create cluster --api-loadbalancer-type", ["public", "internal"]],
  ["update cluster --master-zone-fallback", ["wait", "move"]],
  ["get clusters --status", ["ACTIVE", "DEGRADED"]],
  ["get operations --status", ["RUNNING", "FAILED"]],
  ["get events --type", ["master-lost", "cluster-active"]],
  ["get clusters -o", ["table", "wide", "json", "yaml"]],
  ["completion", ["bash", "zsh", "fish"]],
  ["local token --role", ["viewer", "operator", "admin"]],
  ["local --hosts", ["namespaces", "simulated"]],
  ["local", ["etcdctl", "fault", "slack"]],
])("the values of %s are offered", async (line, values) => {
  expect(await offered(...line.split(" "), "")).toEqual(expect.arrayContaining(values));
});

test("every type of event that the docs name is offered", () => {
  const docs = readFileSync(new URL("../docs/events.md", import.meta.url), "utf8");
  const [row = ""] = /^\| `type` \|.*$/m.exec(docs) ?? [];

  expect(EVENT_TYPES).toEqual([...row.matchAll(/`([a-z-]+)`/g)].slice(1).map(([, type]) => type));
});

test("names of clusters come from the API in force, without those that are deleted", async () => {
  const items = [clusterView(), clusterView({ name: "gone", status: "DELETED" })];
  await using api = await FakeApi.start({ "GET /clusters": [{ status: 200, body: { items } }] });

  const lines = await printed(["delete", "cluster", ""], api.url);

  expect(lines.filter((line) => line.includes("\tcluster"))).toEqual(["ha\tcluster"]);
});

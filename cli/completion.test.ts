import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { FakeApi } from "../test/support/fake-api.ts";
import { LAUNCHER, startCli } from "../test/support/run-cli.ts";
import { clusterView } from "../test/support/views.ts";

const folder = mkdtempSync(`${tmpdir()}/holdfast-completion-`);
/** What a shell would offer: a value and its description a line, then a directive. */
async function offered(...words: string[]) {
  const { stdout } = await startCli(LAUNCHER, ["complete", "--", ...words], folder);
  return stdout.split("\n").flatMap((line) => line.split("\t")[0] || []);
}

test.each(["bash", "zsh", "fish"])("the script for %s asks holdfast", async (shell) => {
  const { code, stdout } = await startCli(LAUNCHER, ["completion", shell], folder);

  expect(code).toBe(0);
  expect(stdout).toContain("holdfast complete --");
});

test("bash takes the script", async () => {
  const { stdout } = await startCli(LAUNCHER, ["completion", "bash"], folder);

  expect(spawnSync("bash", ["-n"], { input: stdout })).toMatchObject({ status: 0 });
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

test("names of clusters come from the API in force", async () => {
  await using api = await FakeApi.start({ "GET /clusters": [{ status: 200, body: { items: [clusterView()] } }] });
  const environment = { ...process.env, HOLDFAST_API: api.url };
  const { main } = await import("./main.ts");
  const printed: string[] = [];
  const log = console.log;
  console.log = (line: string) => printed.push(line);
  try {
    const terminal = {
      columns: 80,
      interactive: false,
      out: () => {},
      note: () => {},
      paint: (_: string, text: string) => text,
    };
    await main(["complete", "--", "delete", "cluster", ""], environment, terminal);
  } finally {
    console.log = log;
  }

  expect(printed.join("\n")).toContain(clusterView().name);
});

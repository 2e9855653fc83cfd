import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeApi } from "../test/support/fake-api.ts";
import { runCli } from "../test/support/run-cli.ts";
import { applyProfile, splitGlobals } from "./settings.ts";

const FILE = `
profile: dev
profiles:
  dev: { api: "http://127.0.0.1:4510" }
  prod: { api: "https://api.example.com", region: eu-west-1, awsProfile: operators }
`;

async function written(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "holdfast-settings-")), "config.yaml");
  await writeFile(path, text);
  return path;
}

test("a profile that is named wins over the environment", async () => {
  const config = await written(FILE);
  const environment = { HOLDFAST_API: "http://127.0.0.1:1", AWS_PROFILE: "me", HOME: "/nowhere" };

  const settings = await applyProfile(environment, { profile: "prod", config });

  expect(settings).toEqual({
    HOLDFAST_API: "https://api.example.com",
    AWS_REGION: "eu-west-1",
    AWS_PROFILE: "operators",
    HOME: "/nowhere",
  });
});

test("a profile that is named signs with its own AWS profile, whatever keys are in the environment", async () => {
  const config = await written(FILE);
  const keys = { AWS_ACCESS_KEY_ID: "AKIAOTHER", AWS_SECRET_ACCESS_KEY: "other", AWS_SESSION_TOKEN: "other" };

  expect(await applyProfile(keys, { profile: "prod", config })).toEqual({
    HOLDFAST_API: "https://api.example.com",
    AWS_REGION: "eu-west-1",
    AWS_PROFILE: "operators",
  });
  expect(await applyProfile(keys, { profile: "dev", config })).toMatchObject(keys);
});

test("where there is no file, the profile that was asked for is named", async () => {
  const { code, stderr } = await runCli(["get", "clusters", "--profile", "prod"], { XDG_CONFIG_HOME: "/nowhere" });

  expect(code).toBe(2);
  expect(stderr).toBe(
    "error: there is no profile prod: /nowhere/holdfast/config.yaml does not exist; docs/cli.md says what it holds\n",
  );
});

test("the file's own choice gives way to the environment", async () => {
  const config = await written(FILE);

  expect(await applyProfile({ HOLDFAST_API: "http://127.0.0.1:1" }, { config })).toEqual({
    HOLDFAST_API: "http://127.0.0.1:1",
  });
  expect(await applyProfile({ HOLDFAST_CONFIG: config }, {})).toMatchObject({ HOLDFAST_API: "http://127.0.0.1:4510" });
});

test("without a file nothing changes", async () => {
  expect(await applyProfile({ XDG_CONFIG_HOME: "/nowhere" }, {})).toEqual({ XDG_CONFIG_HOME: "/nowhere" });
});

test("the global flags may stand anywhere before --", () => {
  expect(splitGlobals(["get", "--profile", "prod", "clusters", "--config=c.yaml", "-o", "json"])).toEqual({
    words: ["get", "clusters", "-o", "json"],
    profile: "prod",
    config: "c.yaml",
  });
  expect(splitGlobals(["local", "shell", "ha", "a", "--", "x", "--profile", "y"]).words).toEqual([
    "local",
    "shell",
    "ha",
    "a",
    "--",
    "x",
    "--profile",
    "y",
  ]);
});

test("a command goes where its profile says", async () => {
  await using api = await FakeApi.start({ "GET /clusters": [{ status: 200, body: { items: [] } }] });
  const config = await written(`profiles: { here: { api: "${api.url}" } }`);

  const { code } = await runCli(["get", "clusters", "--profile", "here", "--config", config]);

  expect(code).toBe(0);
  expect(api.received).toHaveLength(1);
});

test.each([
  ["profiles: { prod: { api: nowhere } }", "profiles.prod.api: "],
  ["profiles: { prod: { api: 'https://a.example.com', key: x } }", 'profiles.prod: Unrecognized key: "key"'],
  ["profiles: { prod: { api: 'https://a.example.com' } }", "has no profile test; it has: prod"],
  ["profiles: [", "is not YAML: "],
])("a file that is wrong is refused by what is wrong with it: %s", async (text, said) => {
  const config = await written(text);

  const { code, stderr } = await runCli(["get", "clusters", "--profile", "test", "--config", config]);

  expect(code).toBe(2);
  expect(stderr).toContain(said);
});

test("a file that is named must be there", async () => {
  expect(await runCli(["get", "clusters", "--config", "/nowhere/config.yaml"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("cannot read /nowhere/config.yaml"),
  });
  expect(await runCli(["get", "clusters", "--profile"])).toMatchObject({ code: 2 });
});

import { expect, test } from "vitest";
import { FakeApi } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { specOf } from "../../test/support/steps/records.ts";
import { operationView } from "../../test/support/views.ts";

const ID = "2026-11-29T031502Z-4f1c";
const planned = { ...specOf(), warnings: ["takes over prod.example.com. Lost: everything since yesterday."] };

test("17.5: without --yes the plan says what a takeover loses; the API reads the flags, since it knows the backup", async () => {
  await using api = await FakeApi.start({ "POST /plan": [{ status: 200, body: planned }] });
  const args = ["create", "cluster", "prod.example.com", "--from-backup", "latest", "--takeover", "--node-count", "2"];

  const { code, stdout, stderr } = await runCli(args, { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout).toContain("takes over prod.example.com. Lost: everything since yesterday.");
  expect(stderr).toBe("Nothing was changed. Add --yes to create the cluster.\n");
  const flags = [
    { flag: "NAME", value: "prod.example.com" },
    { flag: "--node-count", value: "2" },
  ];
  expect(api.received.map(({ body }) => body)).toEqual([{ flags, fromBackup: { backup: "latest", mode: "takeover" } }]);
});

test("17.5: with --yes the planned spec is created from the backup of another name", async () => {
  await using api = await FakeApi.start({
    "POST /plan": [{ status: 200, body: planned }],
    "POST /clusters": [{ status: 202, body: operationView({ id: "create-1", kind: "create" }) }],
  });
  const args = [
    "create",
    "cluster",
    "new.example.com",
    "--from-backup",
    `prod.example.com/${ID}`,
    "--takeover",
    "--yes",
  ];

  const { code, stdout } = await runCli([...args, "-o", "json"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: "create-1" });
  const fromBackup = { cluster: "prod.example.com", backup: ID, mode: "takeover" };
  expect(api.received.map(({ body }) => body).at(-1)).toEqual({ spec: planned.spec, fromBackup });
});

test.each([
  [["--from-backup", "latest"], "--from-backup: say in which way. --takeover: the source is permanently gone"],
  [["--from-backup", "latest", "--copy"], "--from-backup: --copy is not built yet"],
  [["--from-backup", "yesterday", "--takeover"], '"yesterday" is not a backup; expected its id or latest'],
  [["--from-backup", "a/b/latest", "--takeover"], '"a/b/latest" is not a backup'],
  [["--from-backup", "latest", "--takeover", "--dry-run"], "--dry-run contacts nothing"],
  [["--takeover"], "say which backup: --from-backup ID"],
])("17.5: %j is refused before anything is asked", async (flags, why) => {
  await using api = await FakeApi.start({});

  const { code, stderr } = await runCli(["create", "cluster", "prod.example.com", ...flags], { HOLDFAST_API: api.url });

  expect(code).toBe(2);
  expect(stderr).toContain(why);
  expect(api.received).toEqual([]);
});

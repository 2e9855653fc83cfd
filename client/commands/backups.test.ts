import { expect, test } from "vitest";
import { backupId } from "../../functions/domain/backup/manifest.ts";
import { manifestOf } from "../../test/support/backups.ts";
import { FakeApi } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView, operationView } from "../../test/support/views.ts";

const STARTED = "2026-11-29T12:00:00.000Z";
const OWN = backupId(STARTED, "backup-1");

function backupView(id: string, takenAt: string) {
  return { ...manifestOf({ id, takenAt }), pinned: false, history: "current" };
}

function routes(backups: readonly unknown[]) {
  const operation = operationView({ id: "backup-1", kind: "backup", cluster: "ha", startedAt: STARTED });
  return {
    "POST /clusters/ha/backup": [{ status: 202, body: { ...operation, status: "RUNNING" } }],
    "GET /operations/backup-1": [{ status: 200, body: { ...operation, status: "SUCCEEDED" } }],
    "GET /clusters/ha": [{ status: 200, body: clusterView({ name: "ha" }) }],
    "GET /clusters/ha/backups": [{ status: 200, body: { items: backups } }],
  };
}

test("get backups without a name lists those of all clusters, each with its cluster", async () => {
  const of = (cluster: string) => ({ ...backupView(OWN, STARTED), cluster });
  await using api = await FakeApi.start({
    "GET /clusters": [{ status: 200, body: { items: [clusterView({ name: "ha" }), clusterView({ name: "dev" })] } }],
    "GET /clusters/ha/backups": [{ status: 200, body: { items: [of("ha")] } }],
    "GET /clusters/dev/backups": [{ status: 200, body: { items: [of("dev")] } }],
  });

  const { code, stdout } = await runCli(["get", "backups"], { HOLDFAST_API: api.url }, { columns: 80 });

  expect(code).toBe(0);
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ["CLUSTER", "ID"],
    ["ha", OWN],
    ["dev", OWN],
    [""],
  ]);
});

test("20: --wait names the backup that this command took, not one of the schedule a moment later", async () => {
  const later = backupView("2026-11-29T120005Z-0000", "2026-11-29T12:00:05.000Z");
  await using api = await FakeApi.start(routes([later, backupView(OWN, STARTED)]));

  const { code, stdout } = await runCli(["backup", "cluster", "ha", "--wait"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout).toContain(`backup ${OWN} is taken`);
});

test("20: where it is gone again, no former one is named in its place", async () => {
  const former = backupView("2026-11-28T120000Z-0000", "2026-11-28T12:00:00.000Z");
  await using api = await FakeApi.start(routes([former]));

  const { code, stderr } = await runCli(["backup", "cluster", "ha", "--wait"], { HOLDFAST_API: api.url });

  expect(code).toBe(1);
  expect(stderr).toContain(`backup ${OWN} was taken, and is not there any more`);
});

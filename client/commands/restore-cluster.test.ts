import { expect, test } from "vitest";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { operationView } from "../../test/support/views.ts";

const BACKUP = "2026-11-29T031502Z-4f1c";
const PLAN = {
  cluster: "ha",
  from: { kind: "backup", id: BACKUP },
  takenAt: "2026-11-29T03:15:02.000Z",
  revision: 4193,
  lastRevision: 4250,
  lostSeconds: 412,
  lostRevisions: 57,
  epoch: 2,
  leftBehind: [{ kind: "volume", id: "vol-1", name: "pvc-1" }],
  warnings: ["Everything written since the backup is lost."],
};

test("without --yes it shows what would be lost and what stays behind, and asks for nothing", async () => {
  await using api = await FakeApi.start({ "POST /clusters/ha/restore/plan": [{ status: 200, body: PLAN }] });

  const { code, stdout, stderr } = await runCli(["restore", "cluster", "ha", "--backup", "latest"], {
    HOLDFAST_API: api.url,
  });

  expect(code).toBe(0);
  expect(stdout).toBe(`Restoring ha from backup ${BACKUP}, revision 4193:

Lost: 57 revisions, everything since 2026-11-29T03:15:02.000Z (7 min ago).

Made by Kubernetes since, and left behind:
KIND    ID     NAME
volume  vol-1  pvc-1

Also:
  Everything written since the backup is lost.
`);
  expect(stderr).toBe("Nothing was changed. Add --yes to restore the cluster.\n");
  expect(api.received.map(({ body }) => body)).toEqual([
    { from: "backup", backup: "latest", evenThoughHealthy: false },
  ]);
});

test.each([
  [["--from-survivor"], { from: "survivor", evenThoughHealthy: false }],
  [["--from-survivor", "b"], { from: "survivor", member: "b", evenThoughHealthy: false }],
  [["--from-survivor", "--restart-all"], { from: "survivor", evenThoughHealthy: false, restartAll: true }],
  [["--backup", BACKUP, "--even-though-healthy"], { from: "backup", backup: BACKUP, evenThoughHealthy: true }],
])("with --yes the restore is asked for: %j", async (flags, body) => {
  const operation = operationView({ id: "restore-1", kind: "restore" });
  await using api = await FakeApi.start({ "POST /clusters/ha/restore": [{ status: 202, body: operation }] });

  const { code, stdout } = await runCli(["restore", "cluster", "ha", ...flags, "--yes", "-o", "json"], {
    HOLDFAST_API: api.url,
  });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: "restore-1" });
  expect(api.received.map((each) => each.body)).toEqual([body]);
});

test("a cluster's name after --from-survivor is no member", async () => {
  await using api = await FakeApi.start({
    "POST /clusters/ha.example.com/restore/plan": [{ status: 200, body: PLAN }],
  });

  const { code, stderr } = await runCli(["restore", "cluster", "--from-survivor", "ha.example.com"], {
    HOLDFAST_API: api.url,
  });

  expect([code, stderr]).toEqual([0, "Nothing was changed. Add --yes to restore the cluster.\n"]);
  expect(api.received.map(({ body }) => body)).toEqual([{ from: "survivor", evenThoughHealthy: false }]);
});

test.each([
  [["--yes"], "say what to restore from"],
  [["--backup", "latest", "--from-survivor", "--yes"], "cannot be used with"],
])("what to restore from is asked for, and one thing of it: %j", async (flags, message) => {
  const { code, stderr } = await runCli(["restore", "cluster", "ha", ...flags], { HOLDFAST_API: "http://127.0.0.1:9" });

  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test("a refusal is a conflict, a backup that cannot be used is bad usage", async () => {
  const refused = { status: 409, body: problem(409, "2 of 3 members are healthy, a majority.") };
  const unusable = { status: 422, body: problem(422, "backup x cannot be restored: its file is not there") };
  for (const [answer, exit] of [
    [refused, 4],
    [unusable, 2],
  ] as const) {
    await using api = await FakeApi.start({ "POST /clusters/ha/restore": [answer] });
    const { code, stderr } = await runCli(["restore", "cluster", "ha", "--backup", "latest", "--yes"], {
      HOLDFAST_API: api.url,
    });
    expect(code).toBe(exit);
    expect(stderr).toContain(answer === refused ? "a majority" : "its file is not there");
  }
});

import { expect, test } from "vitest";
import { DrillStage, HOST, INPUT, MANIFEST, REPORT, SNAPSHOTS } from "../../../../test/support/steps/drills.ts";
import { jobAnswer } from "../../../../test/support/steps/host-words.ts";
import { AGAIN, expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { TestClock } from "../../../../test/support/steps/test-clock.ts";
import { BackupUnusable, DrillFailed, NotReadyYet } from "../../../domain/cluster/errors.ts";
import { runDrill } from "./run-drill.ts";

test("1.8: the host is asked for one file, and its findings are noted", async () => {
  const stage = new DrillStage().begun({ host: HOST }).runs();
  stage.account.host = () => ({ ok: true, output: jobAnswer.done(REPORT) });

  await run(runDrill, stage, INPUT);

  expect(stage.account.commands).toEqual([
    {
      document: "drill-backup",
      instanceId: "i-drill",
      parameters: {
        url: [`s3://backups/${SNAPSHOTS}/snapshot.db.gz`],
        sha256: [MANIFEST.objects["snapshot.db.gz"]?.sha256],
        job: ["drill-1"],
      },
    },
  ]);
  expect((await stage.note())?.report).toMatchObject({ revision: 4193, kinds: { pods: 40 } });
});

test("13: a host that ends in the middle has failed, and so has one that takes more than half an hour", async () => {
  const ended = new DrillStage().begun({ host: HOST }).runs("shutting-down");
  const slow = new DrillStage().begun({ host: HOST }).runs();
  slow.account.host = () => ({ ok: true, output: jobAnswer.running() });
  const clock = new TestClock();

  await expect(run(runDrill, ended, INPUT)).rejects.toThrow("its host i-drill ended before it had a result");
  await expect(run(runDrill, slow, INPUT, { clock })).rejects.toThrow(NotReadyYet);
  clock.advance(31 * 60_000);
  await expect(run(runDrill, slow, INPUT, { clock })).rejects.toThrow("had no result within 30 minutes");
});

test("EC2 may not list at once what it has launched", async () => {
  const stage = new DrillStage().begun({ host: HOST });

  await expect(run(runDrill, stage, INPUT)).rejects.toThrow(NotReadyYet);
  const clock = new TestClock();
  clock.advance(120_000);
  await expect(run(runDrill, stage, INPUT, { clock, begun: AGAIN })).rejects.toThrow(DrillFailed);
});

test.each([
  ["the file is truncated, or is no gzip", 65, BackupUnusable],
  ["no space: /var/tmp has 12 KiB free", 1, DrillFailed],
  ["it ended without a word", 137, DrillFailed],
])("17.6: only a file that is at fault makes the backup unusable: %s", async (said, code, error) => {
  const stage = new DrillStage().begun({ host: HOST }).runs();
  stage.account.host = () => ({ ok: true, output: jobAnswer.failed(said, code) });

  const failed = await run(runDrill, stage, INPUT).catch((thrown: unknown) => thrown);

  expect(failed).toBeInstanceOf(error);
  expect(String(failed)).toContain(said);
});

test("it may run twice, and die at each of its calls", async () => {
  const working = (): DrillStage => {
    const stage = new DrillStage().begun({ host: HOST }).runs();
    stage.account.host = () => ({ ok: true, output: jobAnswer.done(REPORT) });
    return stage;
  };

  await expectRepeatable(runDrill, working, INPUT);
});

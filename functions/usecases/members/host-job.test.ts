import { expect, test } from "vitest";
import * as z from "zod";
import { Account } from "../../../test/support/steps/account.ts";
import { jobAnswer } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import type { hostCommandCalls } from "./host-command.ts";
import { runHostJob } from "./host-job.ts";

const Result = z.object({ bytes: z.int() });
const INPUT = { document: "backup-etcd", instanceId: "i-a", job: "backup-1-1", parameters: { key: "k" } };

/** A step that is nothing but a job. */
async function step(deps: Deps<typeof hostCommandCalls>, input: typeof INPUT, begun: Begun) {
  return await runHostJob(deps, { operation: "backup-1", step: "Take", member: null, begun }, input, Result);
}

function newStage(said: string = jobAnswer.done({ bytes: 7 })) {
  const cluster = clusterRecord();
  const account = new Account(cluster, [memberRecord("a")]);
  account.launch("a", "i-a");
  account.host = () => ({ ok: true, output: `${said}\n` });
  return { store: new MemoryStore(cluster, []), aws: account.calls, account };
}

test("a job is known by its name, and its result by the schema of whoever asks", async () => {
  const stage = newStage();

  expect(await run(step, stage, INPUT)).toEqual({ ok: true, result: { bytes: 7 } });
  expect(stage.account.commands).toEqual([
    { document: "backup-etcd", instanceId: "i-a", parameters: { key: ["k"], job: ["backup-1-1"] } },
  ]);
});

test("a job that runs is waited for by the flow, with what it said last", async () => {
  const running = run(step, newStage(jobAnswer.running("12 of 30 MB")), INPUT);

  await expect(running).rejects.toThrow(NotReadyYet);
  await expect(running).rejects.toThrow("backup-1-1 runs on i-a since 12 s. 12 of 30 MB");
});

test("a job that failed is an answer: the step decides whether another one follows", async () => {
  expect(await run(step, newStage(jobAnswer.failed("no space left", 28)), INPUT)).toEqual({
    ok: false,
    reason: "backup-1-1 on i-a ended with 28: no space left",
    code: 28,
  });
});

test("a result that is not what was asked for is no success", async () => {
  expect(await run(step, newStage(jobAnswer.done({ bytes: "many" })), INPUT)).toMatchObject({ ok: false });
});

test("a host that could not start it is asked again", async () => {
  const stage = newStage();
  stage.account.host = () => ({ ok: false, output: "the unit of the job could not be started" });

  await expect(run(step, stage, INPUT)).rejects.toThrow("the unit of the job could not be started");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(step, newStage, INPUT);
});

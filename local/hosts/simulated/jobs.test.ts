import { expect, test } from "vitest";
import { jobText } from "../../../infra/constructs/job-text.ts";
import { realClock } from "../../context/clock.ts";
import { hostSpec } from "../../testing/test-hosts.ts";
import { localTimings } from "../timings.ts";
import { SimulatedHost } from "./host.ts";
import { type Job, runJob } from "./jobs.ts";
import { SimulatedNetwork } from "./network.ts";

function script(job: string) {
  return jobText("etcdctl snapshot save /var/tmp/x\n", 60).replaceAll("{{ job }}", job);
}

function newHost() {
  const host = new SimulatedHost(hostSpec(1), {
    network: new SimulatedNetwork(realClock),
    clock: realClock,
    timings: localTimings,
    aws: {
      getParameters: async () => [],
      postApi: async () => {},
      putHeartbeat: async () => {},
      getObject: async () => Buffer.alloc(0),
      putObject: async () => {},
    },
  });
  host.boot(false);
  return host;
}

test("a job runs once under its name, and its result stays", async () => {
  const host = newHost();
  let runs = 0;
  const job: Job = { sign: /snapshot save/, run: async () => ({ run: ++runs }) };

  const first = await runJob(host, script("a-1"), job);

  expect(JSON.parse(first)).toEqual({ state: "done", result: { run: 1 } });
  expect(await runJob(host, script("a-1"), job)).toBe(first);
  expect(JSON.parse(await runJob(host, script("a-2"), job))).toEqual({ state: "done", result: { run: 2 } });
});

test("a job that runs on is adopted, and one that fails stays failed", async () => {
  const host = newHost();
  const { promise, reject } = Promise.withResolvers<object>();
  const job: Job = { sign: /snapshot save/, run: () => promise };

  expect(JSON.parse(await runJob(host, script("b-1"), job))).toMatchObject({ state: "running" });
  reject(new Error("no space left"));
  const failed = { state: "failed", code: 1, said: "no space left" };
  expect(JSON.parse(await runJob(host, script("b-1"), job))).toEqual(failed);
  expect(JSON.parse(await runJob(host, script("b-1"), job))).toEqual(failed);
});

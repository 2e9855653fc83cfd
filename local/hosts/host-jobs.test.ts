import { afterAll, beforeAll, expect, test } from "vitest";
import { jobText } from "../../infra/constructs/job-text.ts";
import { eventually, hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";

const host = hostSpec(41);
let runtime: TestHosts;
beforeAll(async () => {
  runtime = await startTestHosts();
  await runtime.driver.launch(host);
});
afterAll(async () => await runtime.close());

/** A document of a job, as Systems Manager runs it. */
async function ask(job: string, script: string, timeLimit = 60): Promise<unknown> {
  const text = jobText(script, timeLimit).replaceAll("{{ job }}", job);
  const { exitCode, stdout } = await runtime.driver.run(host.instanceId, text, { timeoutMs: 15_000 });
  return exitCode === 0 ? JSON.parse(stdout) : stdout;
}

async function sh(script: string) {
  return await runtime.sh(host.instanceId, script);
}

test("a short job answers at once with the last line that it printed", async () => {
  expect(await ask("short-1", "echo begins\necho '{\"bytes\": 7}'\n")).toEqual({ state: "done", result: { bytes: 7 } });
});

test("the same job again runs nothing: the result is there until the week is over", async () => {
  const script = "echo ran >>/root/runs\necho '{}'\n";
  const first = await ask("once-1", script);

  expect(await ask("once-1", script)).toEqual(first);
  expect(await sh("cat /root/runs")).toBe("ran");
  await ask("once-2", script);
  expect(await sh("cat /root/runs")).toBe("ran\nran");
});

test("a job runs on after its document, is adopted while it runs, and says how far it is", async () => {
  const script = `echo started >>/root/long-runs
echo "1 of 2 \\"parts\\"" >&2
until [[ -e /root/go ]]; do sleep 0.05; done
echo '{"ended": true}'
`;
  // The document waits for ten seconds: here two of them do, side by side.
  const answers = await Promise.all([ask("long-1", script), ask("long-1", script)]);

  expect(answers).toEqual([1, 2].map(() => ({ state: "running", seconds: expect.any(Number), said: "1 of 2 parts " })));
  await sh("touch /root/go");
  expect(await ask("long-1", script)).toEqual({ state: "done", result: { ended: true } });
  expect(await sh("cat /root/long-runs")).toBe("started");
}, 30_000);

test("a job that fails says why, and stays failed under its name", async () => {
  const failed = { state: "failed", code: 3, said: "no space left on device " };

  expect(await ask("bad-1", "echo no space left on device >&2\nexit 3\n")).toEqual(failed);
  expect(await ask("bad-1", "echo '{}'\n")).toEqual(failed);
  expect(await ask("bad-2", "echo done\n")).toMatchObject({ state: "failed", code: 0 });
});

test("a job that is killed, or exceeds its time, has failed without a word", async () => {
  const silent = { state: "failed", code: 137, said: "it ended without a word" };

  expect(await ask("slow-1", "sleep 60\n", 1)).toEqual(silent);
  const asked = ask("killed-1", "sleep 61\n");
  await eventually(() => sh("systemctl is-active holdfast-job-killed-1"));
  await sh("kill -9 $(systemctl show -p MainPID --value holdfast-job-killed-1)");
  expect(await asked).toEqual(silent);
  expect(await sh("pgrep -c sleep || true")).toBe("0");
});

test("a unit that runs keeps its name from another one", async () => {
  await sh("systemd-run --unit=busy sleep 60");

  expect(await sh("systemd-run --unit=busy --collect sleep 1 2>&1 || true")).toContain("already loaded");
  expect(await sh("systemctl stop busy; systemd-run --quiet --unit=busy true && echo free")).toContain("free");
});

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, hostSpec, startTestHosts } from "../testing/test-hosts.ts";
import { findPrograms } from "./requirements.ts";

/** Processes of this machine whose command line names `text`. */
function processesNaming(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
      } catch {
        return false;
      }
    });
}

test("a closed driver leaves no process, no mount and no socket, but keeps volumes", async () => {
  const testHosts = await startTestHosts();
  await testHosts.driver.createVolume("vol-0abc", {});
  await testHosts.driver.launch(
    hostSpec(71, { userData: "#!/bin/bash\nsetsid sleep 987654 &\nsetsid sleep 987654\n" }),
  );
  await testHosts.driver.attachVolume(hostSpec(71).instanceId, "vol-0abc", "/dev/sdf");
  await eventually(async () => processesNaming("987654").length === 2);

  await testHosts.driver.close();

  expect(processesNaming("987654")).toEqual([]);
  expect(processesNaming(testHosts.directory)).toEqual([]);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(testHosts.directory);
  expect(existsSync(join(testHosts.directory, "volumes", "vol-0abc"))).toBe(true);
  await testHosts.close();
});

test("hosts end with a controller that is killed", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-killed-"));
  const program = `
    const { createNamespaceDriver } = await import(${JSON.stringify(join(process.cwd(), "local/hosts/namespace-driver.ts"))});
    const driver = await createNamespaceDriver({ directory: ${JSON.stringify(directory)}, awsSocket: "/none", log() {} });
    await driver.launch({ ...${JSON.stringify(hostSpec(72))}, credentials: async () => undefined, egress: () => true });
    console.log("running");`;
  const controller = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => controller.stdout.once("data", resolve));
  expect(processesNaming(directory).length).toBeGreaterThan(1);

  controller.kill("SIGKILL");

  await eventually(async () => processesNaming(directory).length === 0);
  await rm(directory, { recursive: true });
});

test("a missing program is named together with the Debian package that has it", () => {
  expect(() => findPrograms("/nonexistent")).toThrow(/Local hosts need bwrap, unshare, .*apt-get install bubblewrap/);
});

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { hostSpec } from "../testing/test-hosts.ts";

const DRIVER = join(import.meta.dirname, "namespace-driver.ts");

/**
 * Boots a host on a machine that refuses user namespaces; answers what the host says of itself, or why there is none.
 */
async function bootWithoutUserNamespaces(...privileges: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-isolation-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const spec = JSON.stringify(hostSpec(91));
  const program = `
    const { createNamespaceDriver } = await import(${JSON.stringify(DRIVER)});
    try {
      const driver = await createNamespaceDriver({ directory: ${JSON.stringify(directory)}, awsSocket: "/none", log() {} });
      const online = new Promise((resolve) => driver.onAgent(resolve));
      const credentials = async () => ({ roleName: "r", accessKeyId: "a", secretAccessKey: "s", sessionToken: "t", expiresAt: 0 });
      await driver.launch({ ...${spec}, credentials, egress: () => true });
      await online;
      const { stdout } = await driver.run(${JSON.stringify(hostSpec(91).instanceId)}, "hostname -I || ip -4 addr", { timeoutMs: 5000 });
      console.log(stdout);
      await driver.close();
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }
    process.exit(0);`;
  // The limit holds in the namespace that is made here, and for all that it contains.
  const script = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"';
  const node = [...privileges, process.execPath, "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)("unshare", ["-Ur", "sh", "-c", script, "sh", ...node]);
  return stdout;
}

test("root needs no user namespaces", async () => {
  expect(await bootWithoutUserNamespaces()).toContain("172.20.0.91");
});

test("an ordinary user without user namespaces reads what would help", async () => {
  const answer = await bootWithoutUserNamespaces("setpriv", "--bounding-set=-all", "--inh-caps=-all");

  expect(answer).toMatch(/^HostsUnavailable: Local hosts need user namespaces, .*user\.max_user_namespaces.*as root/);
});

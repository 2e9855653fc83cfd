import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { KUBERNETES_VARIABLE } from "../../local/hosts/kubernetes-programs.ts";
import { unpackRealTools } from "../../local/image/real-tools.ts";
import { kubectlOf } from "../support/kubectl.ts";
import { openProofCluster } from "../support/proof-cluster.ts";
import { memberReplaced } from "../support/scenario.ts";
import { takeBackupOf } from "../support/take-backup.ts";

/**
 * A request may meet the balancer while it still sends to a master that is gone: three checks of ten seconds on AWS.
 */
const MAX_SILENCE_MS = 20_000;

/**
 * With HOLDFAST_KUBERNETES_BIN hosts have what that folder holds: with a control plane in it, a real one. Without, they
 * have the real kubectl, and the rest are stand-ins.
 */
test("kubectl keeps answering while each master in turn is lost", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-kubectl-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  process.env[KUBERNETES_VARIABLE] ??= await unpackRealTools(join(directory, "bin"));
  await using cluster = await openProofCluster("kubectl.example.com");
  const { scenario, name } = cluster;
  const kubectl = await kubectlOf(scenario, name, directory);
  await kubectl("apply", "--server-side", "-f", await namespaceFile(directory));
  const ending = new AbortController();
  let [answers, maxLength, last] = [0, 0, Date.now()];
  const asking = (async () => {
    while (!ending.signal.aborted) {
      const listed = await kubectl("get", "nodes,ns", "-o", "name", "--request-timeout=3s").catch(() => "");
      if (listed.includes("namespace/kept")) {
        maxLength = Math.max(maxLength, Date.now() - last);
        last = Date.now();
        answers += 1;
      }
      await delay(300);
    }
  })();

  for (const member of (await scenario.cluster(name)).members) {
    await scenario.terminate(member.instanceId ?? "");
    await memberReplaced(scenario, name, member, 60_000);
  }

  ending.abort();
  await asking;
  expect(answers).toBeGreaterThan(10);
  expect(maxLength).toBeLessThan(MAX_SILENCE_MS);
  expect(Date.now() - last).toBeLessThan(MAX_SILENCE_MS);
});

/** API servers are stopped for a restore: some of their caches are no watches, and would still have it. */
test("1.10.15: a namespace that was made after the backup is served by no API server after its restore", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-kubectl-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  process.env[KUBERNETES_VARIABLE] ??= await unpackRealTools(join(directory, "bin"));
  await using cluster = await openProofCluster("caches.example.com");
  const { scenario, name } = cluster;
  const kubectl = await kubectlOf(scenario, name, directory);
  await kubectl("apply", "--server-side", "-f", await namespaceFile(directory));
  await takeBackupOf(scenario, name);
  await kubectl("apply", "--server-side", "-f", await namespaceFile(directory, "later"));
  const before = await kubectl("get", "namespace", "later", "-o", "name");

  const flags = ["--backup", "latest", "--even-though-healthy", "--yes", "--wait"];
  const { code, stderr } = await scenario.holdfast("restore", "cluster", name, ...flags);

  expect(code === 0 ? "" : stderr.slice(-900)).toBe("");
  expect(before).toBe("namespace/later");
  // More often than there are API servers behind the load balancer.
  for (let time = 0; time < 12; time++) {
    const listed = await kubectl("get", "namespaces", "-o", "name");
    expect(listed).toContain("namespace/kept");
    expect(listed).not.toContain("namespace/later");
    await expect(kubectl("get", "namespace", "later")).rejects.toThrow("NotFound");
  }
});

async function namespaceFile(directory: string, name = "kept"): Promise<string> {
  const file = join(directory, `${name}.yaml`);
  await writeFile(file, `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`);
  return file;
}

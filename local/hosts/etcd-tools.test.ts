import { expect, test } from "vitest";
import { hostSpec, startTestHosts } from "../testing/test-hosts.ts";

test("F6: a host has the etcd of the checkout, with etcdutl, and not the machine's old one", async () => {
  const runtime = await startTestHosts();
  try {
    const { instanceId } = hostSpec(42);
    await runtime.driver.launch(hostSpec(42));

    const versions = await runtime.sh(instanceId, "etcd --version | head -n 1; etcdutl version | head -n 1");

    expect(versions).toMatch(/^etcd Version: 3\.(5\.(1[6-9]|[2-9]\d)|[6-9]\.\d+)\netcdutl version: 3\.[5-9]\./);
    expect(await runtime.sh(instanceId, "etcdutl snapshot restore --help")).toContain("--bump-revision");
  } finally {
    await runtime.close();
  }
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";

const host = hostSpec(31);
let runtime: TestHosts;
beforeAll(async () => {
  runtime = await startTestHosts();
  await runtime.driver.launch(host);
});
afterAll(async () => await runtime.close());

async function sh(script: string) {
  return await runtime.sh(host.instanceId, script);
}

async function install(name: string, unit: string) {
  return await sh(`cat > /etc/systemd/system/${name}.service <<'UNIT'\n${unit}\nUNIT\nsystemctl daemon-reload`);
}

test("a killed service is started again, a stopped one is not", async () => {
  await install("keeper", "[Service]\nExecStart=/bin/sleep 600\nRestart=on-failure\nRestartSec=20ms");
  await sh("systemctl start keeper");
  const before = await sh("systemctl show -p MainPID --value keeper");

  await sh(`kill -9 ${before}`);

  const after = await eventually(async () => {
    const pid = await sh("systemctl show -p MainPID --value keeper");
    return pid !== before && pid !== "0" && pid;
  });
  expect(Number(after)).toBeGreaterThan(Number(before));
  expect(await sh("systemctl stop keeper; systemctl is-active keeper || true; pgrep -c sleep || true")).toBe(
    "inactive\n0",
  );
});

test("a service has its environment, its working directory and its quoted arguments", async () => {
  await sh("echo 'FROM_FILE=\"two words\"' > /etc/default-printer");
  await install(
    "printer",
    String.raw`[Service]
Type=oneshot
Environment="GREETING=good day" PLAIN=x
EnvironmentFile=/etc/default-printer
EnvironmentFile=-/etc/absent
WorkingDirectory=/srv
ExecStart=/bin/bash -c 'printf "%%s|" "$$@"; pwd' \
  printer "${"$"}{GREETING}" $FROM_FILE %n`,
  );

  expect(await sh("systemctl start printer; journalctl -u printer")).toBe("good day|two|words|printer.service|/srv");
});

test("required units start first, in the order of After=", async () => {
  await install(
    "first",
    "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'sleep 0.1; echo first >> /root/order'",
  );
  await install(
    "second",
    "[Unit]\nRequires=first.service\nAfter=first.service\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo second >> /root/order'",
  );

  await sh("systemctl start second");

  expect(await sh("cat /root/order; systemctl is-active first")).toBe("first\nsecond\nactive");
});

test("a service that cannot start fails its job, and its state says why", async () => {
  await install("broken", "[Service]\nExecStartPre=/bin/false\nExecStart=/bin/sleep 600");

  const start = await runtime.driver.run(host.instanceId, "systemctl start broken", { timeoutMs: 2000 });

  expect(start.exitCode).toBe(1);
  expect(start.stderr).toContain("Job for broken.service failed (exit-code)");
  expect(await sh("systemctl is-failed broken")).toBe("failed");
});

test("a service that keeps dying is given up at its start limit", async () => {
  await install("crashing", "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1ms");

  await sh("systemctl start crashing");

  await eventually(async () => (await sh("systemctl show -p Result --value crashing")) === "start-limit-hit");
  expect(await sh("systemctl show -p NRestarts --value crashing")).toBe("5");
});

test("enablement, masks and unknown units are answered as systemctl does", async () => {
  await install("plain", "[Service]\nExecStart=/bin/sleep 600\n[Install]\nWantedBy=multi-user.target");

  const answers = await sh(`
    systemctl is-enabled plain; systemctl enable plain 2>/dev/null; systemctl is-enabled plain; systemctl disable plain
    systemctl is-enabled plain; systemctl mask etcd; systemctl start etcd 2>&1; echo $?; systemctl start absent 2>&1; echo $?
    systemctl frobnicate 2>&1; true`);

  expect(answers.split("\n")).toEqual([
    "disabled",
    "enabled",
    "disabled",
    "Unit etcd.service is masked.",
    "5",
    "Unit absent.service not found.",
    "5",
    "systemctl frobnicate is not emulated on local hosts.",
  ]);
});

test("a graceful shutdown lets services end", async () => {
  const guest = hostSpec(32);
  await runtime.driver.launch(guest);
  const unit =
    "[Service]\nExecStart=/bin/bash -c 'trap \"echo ended > /root/ended; exit 0\" TERM; while :; do sleep 0.01; done'";
  await runtime.sh(
    guest.instanceId,
    `cat > /etc/systemd/system/careful.service <<'UNIT'\n${unit}\nUNIT\nsystemctl start careful; sleep 0.1`,
  );

  await runtime.driver.shutdown(guest.instanceId, "graceful");
  await runtime.driver.restart(guest.instanceId);

  expect(await runtime.sh(guest.instanceId, "cat /root/ended")).toBe("ended");
});

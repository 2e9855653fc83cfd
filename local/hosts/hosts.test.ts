import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bootScript } from "../../functions/domain/host/boot-script.ts";
import { eventually, hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";

let testHosts: TestHosts;
beforeAll(async () => {
  testHosts = await startTestHosts();
});
afterAll(async () => await testHosts.close());

test("a host runs its user data as root on its own file system, and its agent answers", async () => {
  const online: string[] = [];
  testHosts.driver.onAgent((instanceId, isOnline) => online.push(`${instanceId} ${isOnline}`));
  const host = hostSpec(11, { userData: "#!/bin/bash\nhostname; id -u; echo made > /etc/made-by-user-data\n" });

  await testHosts.driver.launch(host);

  await eventually(async () => testHosts.driver.console(host.instanceId).includes("Cloud-init finished"));
  expect(testHosts.driver.console(host.instanceId)).toContain("ip-172-20-0-11\n0\n");
  expect(online).toContain(`${host.instanceId} true`);
  expect(await testHosts.sh(host.instanceId, "cat /etc/made-by-user-data; ls /home /root | wc -l")).toBe("made\n3");
});

test("user data runs at the first boot only, enabled units at each", async () => {
  const unit =
    "[Service]\nType=oneshot\nExecStart=/bin/bash -c 'echo x >> /root/unit'\n[Install]\nWantedBy=multi-user.target";
  const host = hostSpec(12, {
    userData: `#!/bin/bash
echo x >> /root/user-data
printf '${unit.replaceAll("\n", "\\n").replaceAll("'", "'\\''")}' > /etc/systemd/system/each-boot.service
systemctl daemon-reload && systemctl enable --now each-boot`,
  });
  await testHosts.driver.launch(host);
  await testHosts.sh(host.instanceId, "cloud-init status --wait");

  await testHosts.driver.shutdown(host.instanceId, "graceful");
  await testHosts.driver.restart(host.instanceId);

  await eventually(async () => (await testHosts.sh(host.instanceId, "wc -l < /root/unit")) === "2");
  expect(await testHosts.sh(host.instanceId, "wc -l < /root/user-data")).toBe("1");
});

test("a command that exceeds its time-out is killed with what it started", async () => {
  const host = hostSpec(13);
  await testHosts.driver.launch(host);

  const result = await testHosts.driver.run(host.instanceId, "echo begun; sleep 60 & sleep 60", { timeoutMs: 100 });

  expect(result).toEqual({ exitCode: 137, stdout: "begun\n", stderr: "", timedOut: true });
  expect(await testHosts.sh(host.instanceId, "pgrep -c sleep || true")).toBe("0");
});

test("an agent without an instance profile never comes online", async () => {
  const host = hostSpec(14, { credentials: async () => undefined });
  await testHosts.driver.launch(host);

  const attempt = testHosts.driver.run(host.instanceId, "true", { timeoutMs: 1000 });

  await expect(attempt).rejects.toThrow("is not online");
});

test("the shell command runs on the host with the caller's input and output", async () => {
  const host = hostSpec(15);
  await testHosts.driver.launch(host);

  const { command, args } = await testHosts.driver.shellCommand(host.instanceId, [
    "bash",
    "-c",
    "cat; hostname; exit 7",
  ]);
  const shell = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  shell.stdin.end("typed\n");
  const exited = new Promise((resolve) => shell.once("close", resolve));

  expect(await text(shell.stdout)).toBe("typed\nip-172-20-0-15\n");
  expect(await exited).toBe(7);
});

test("a frozen host makes no progress until it is thawed", async () => {
  const host = hostSpec(16);
  await testHosts.driver.launch(host);

  await testHosts.driver.setFrozen(host.instanceId, true);
  const answer = testHosts.driver.run(host.instanceId, "echo thawed", { timeoutMs: 5000 });
  const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 150, "silence"))]);
  await testHosts.driver.setFrozen(host.instanceId, false);

  expect(early).toBe("silence");
  expect((await answer).stdout).toBe("thawed\n");
});

/** Packed as user data is, with the unit that boots every host before it. */
function bootData(script: string): string {
  const unit = readFileSync(join(import.meta.dirname, "../../functions/hosts/boot/unit.sh"), "utf8");
  return bootScript({}, [unit, 'say() { echo "$*"; }\nmkdir -p /etc/holdfast', script]);
}

test("U5: a boot that the power cut off begins again, and not once more when it has succeeded", async () => {
  const userData = bootData(
    "echo x >>/root/begun; sync; until [[ -e /root/go ]]; do sleep 0.05; done; booted 'it is up'",
  );
  const host = hostSpec(17, { userData });
  await testHosts.driver.launch(host);
  const begun = () => testHosts.sh(host.instanceId, "cat /root/begun | wc -l");
  await eventually(async () => (await begun()) === "1");

  await testHosts.driver.shutdown(host.instanceId, "power-off");
  await testHosts.driver.restart(host.instanceId);

  await eventually(async () => (await begun()) === "2");
  await testHosts.sh(host.instanceId, "touch /root/go");
  await eventually(async () => (await testHosts.sh(host.instanceId, "ls /etc/holdfast")) === "booted");
  expect(testHosts.driver.console(host.instanceId)).toContain("it is up\n");
  await testHosts.driver.shutdown(host.instanceId, "power-off");
  await testHosts.driver.restart(host.instanceId);
  await testHosts.sh(host.instanceId, "sleep 0.5");
  expect(await begun()).toBe("2");
});

test("U5: a boot that fails begins again, and says so", async () => {
  const host = hostSpec(18, {
    userData: bootData("echo x >>/root/begun; [[ $(wc -l </root/begun) == 2 ]]; booted up"),
  });
  await testHosts.driver.launch(host);

  await eventually(async () => (await testHosts.sh(host.instanceId, "ls /etc/holdfast")) === "booted", 15_000);
  const restarts = "systemctl show holdfast-boot.service --property=NRestarts --value";
  expect(await testHosts.sh(host.instanceId, restarts)).toBe("1");
}, 20_000);

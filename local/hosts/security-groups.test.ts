import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";
import type { FirewallRule, HostFirewall } from "./firewall.ts";

/** Echoes what it hears, and keeps connections open, on ports 2379 and 8080. */
const userData = `#!/bin/bash
cat > /etc/systemd/system/echo.service <<UNIT
[Service]
ExecStart=node -e 'for (const p of [2379, 8080]) require("net").createServer((s) => s.on("error", () => 0).pipe(s)).listen(p)'
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --now echo`;

const everywhere: FirewallRule = { protocol: "-1", from: -1, to: -1, peers: ["0.0.0.0/0"] };
function tcp(port: number, ...peers: string[]): FirewallRule {
  return { protocol: "tcp", from: port, to: port, peers };
}

const closed: HostFirewall = { ingress: [], egress: [everywhere] };

const [server, client, other] = [
  hostSpec(61, { userData, firewall: closed }),
  hostSpec(62, { userData, firewall: closed }),
  hostSpec(63, { userData, firewall: closed, subnetCidr: "172.20.32.0/19", address: "172.20.32.63" }),
];
let testHosts: TestHosts;
beforeAll(async () => {
  testHosts = await startTestHosts();
  await Promise.all([server, client, other].map((host) => testHosts.driver.launch(host)));
  await eventually(async () => await reaches(server, "127.0.0.1", 8080));
});
afterAll(async () => await testHosts.close());

async function reaches({ instanceId }: { instanceId: string }, address: string, port: number): Promise<boolean> {
  return (
    (await testHosts.sh(
      instanceId,
      `timeout 0.5 bash -c '</dev/tcp/${address}/${port}' 2>/dev/null && echo yes || echo no`,
    )) === "yes"
  );
}

function admit(...ingress: FirewallRule[]): Promise<void> {
  return testHosts.driver.setFirewall(server.instanceId, { ingress, egress: [everywhere] });
}

test("R15: without a rule a host lets no connection in, and its own go out and are answered", async () => {
  expect(await reaches(client, server.address, 8080)).toBe(false);

  await admit(tcp(8080, `${client.address}/32`, `${other.address}/32`));

  expect(await reaches(client, server.address, 8080)).toBe(true);
  expect(await reaches(other, server.address, 8080)).toBe(true);
  expect(await reaches(client, server.address, 2379)).toBe(false);
  expect(await reaches(server, client.address, 8080)).toBe(false);
});

test("R15: rules go by network, protocol and port", async () => {
  await admit(tcp(8080, "172.20.32.0/19"), { protocol: "udp", from: 1, to: 65_535, peers: ["0.0.0.0/0"] });

  expect(await reaches(other, server.address, 8080)).toBe(true);
  expect(await reaches(client, server.address, 8080)).toBe(false);

  await admit({ protocol: "-1", from: -1, to: -1, peers: [`${client.address}/32`, "172.20.0.0/30"] });

  expect(await reaches(client, server.address, 2379)).toBe(true);
  expect(await reaches(other, server.address, 8080)).toBe(false);
});

test("R15: what began before a rule was revoked continues, as EC2's connection tracking has it; nothing begins again", async () => {
  await admit(tcp(8080, `${client.address}/32`));
  const talk = `exec 3<>/dev/tcp/${server.address}/8080; echo before >&3; read -t 1 a <&3; sleep 1; echo after >&3; read -t 1 b <&3; echo "$a $b"`;

  const [heard] = await Promise.all([
    testHosts.sh(client.instanceId, `bash -c '${talk}'`),
    new Promise((resolve) => setTimeout(resolve, 500)).then(() => admit()),
  ]);

  expect(heard).toBe("before after");
  expect(await reaches(client, server.address, 8080)).toBe(false);
});

test("R15: what a host may send out goes by rules too; instance metadata and names are never filtered, AWS itself is", async () => {
  await admit(tcp(8080, "172.20.0.0/16"));
  await testHosts.driver.setFirewall(client.instanceId, { ingress: [], egress: [tcp(2379, "0.0.0.0/0")] });
  const aws = "curl -sS -m 1 http://169.254.169.253/ 2>/dev/null || echo unreachable";
  const metadata =
    "curl -sS -m 1 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token | wc -c";

  expect(await reaches(client, server.address, 8080)).toBe(false);
  expect(await testHosts.sh(client.instanceId, aws)).toBe("unreachable");
  expect(Number(await testHosts.sh(client.instanceId, metadata))).toBeGreaterThan(20);
  expect(
    await testHosts.sh(
      client.instanceId,
      "getent ahostsv4 ip-172-20-0-61.us-west-2.compute.internal | head -1 | cut -d' ' -f1",
    ),
  ).toBe(server.address);

  await testHosts.driver.setFirewall(client.instanceId, closed);

  expect(await reaches(client, server.address, 8080)).toBe(true);
  expect(await testHosts.sh(client.instanceId, aws)).toBe("aws answered GET /");
});

test("R15: a load balancer's checks and connections come from its own address; people's forwards are not filtered", async () => {
  const front = "172.20.0.201";
  const check = () => testHosts.driver.probe("vpc-1", server.address, 8080, { timeoutMs: 500, from: front });
  await testHosts.driver.putLoadBalancer({
    vpcId: "vpc-1",
    dnsName: "api.elb.local",
    addresses: [front],
    listeners: [{ port: 443, targets: [{ address: server.address, port: 8080 }] }],
  });
  const through = () =>
    testHosts.sh(
      client.instanceId,
      `timeout 1 bash -c 'exec 3<>/dev/tcp/${front}/443; echo hi >&3; read -t 0.6 a <&3; echo "$a"' || true`,
    );

  await admit();
  expect([await check(), await through()]).toEqual([false, ""]);
  expect(await testHosts.driver.probe("vpc-1", server.address, 8080, { timeoutMs: 500 })).toBe(true);

  await admit(tcp(8080, `${front}/32`));
  expect([await check(), await through()]).toEqual([true, "hi"]);
});

test("R15: a load balancer's own groups say which hosts may connect to it", async () => {
  const front = "172.20.0.202";
  const admitting = (clients: readonly string[]) =>
    testHosts.driver.putLoadBalancer({
      vpcId: "vpc-1",
      dnsName: "closed.elb.local",
      addresses: [front],
      listeners: [{ port: 443, targets: [{ address: server.address, port: 8080 }], clients }],
    });
  const echo = `timeout 1 bash -c 'exec 3<>/dev/tcp/${front}/443; echo hi >&3; read -t 0.6 a <&3; echo "$a"' || true`;
  await admit(tcp(8080, `${front}/32`));

  await admitting([other.address]);
  expect(await testHosts.sh(client.instanceId, echo)).toBe("");

  await admitting([client.address]);
  expect(await testHosts.sh(client.instanceId, echo)).toBe("hi");
});

test("R15: a host that boots again has its groups before anything on it runs", async () => {
  await admit(tcp(8080, `${client.address}/32`));
  await testHosts.driver.shutdown(server.instanceId, "power-off");
  await testHosts.driver.setFirewall(server.instanceId, { ingress: [tcp(8080, `${other.address}/32`)], egress: [] });
  await testHosts.driver.restart(server.instanceId);

  await eventually(async () => await reaches(other, server.address, 8080));

  expect(await reaches(client, server.address, 8080)).toBe(false);
  expect(await reaches(server, client.address, 8080)).toBe(false);
});

import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";

/** A web server on port 8080 that answers with the host's name. */
const userData = `#!/bin/bash
cat > /etc/systemd/system/web.service <<UNIT
[Service]
ExecStart=node -e 'require("http").createServer((q, r) => r.end(require("os").hostname())).listen(8080)'
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --now web`;

const [first, second] = [
  hostSpec(51, { userData }),
  hostSpec(52, { userData, subnetCidr: "172.20.32.0/19", address: "172.20.32.52" }),
];
const stranger = hostSpec(53, { vpcId: "vpc-2", address: first.address, mac: first.mac });
let testHosts: TestHosts;
beforeAll(async () => {
  testHosts = await startTestHosts();
  await Promise.all([first, second, stranger].map((host) => testHosts.driver.launch(host)));
  for (const host of [first, second]) {
    await eventually(async () => await testHosts.driver.probe("vpc-1", host.address, 8080, { timeoutMs: 500 }));
  }
});
afterAll(async () => await testHosts.close());

function balancer(targets: readonly string[]) {
  return {
    vpcId: "vpc-1",
    dnsName: "api-0123.elb.us-west-2.amazonaws.com",
    addresses: ["172.20.0.200"],
    listeners: [{ port: 443, targets: targets.map((address) => ({ address, port: 8080 })) }],
  };
}

const ask = `curl -sS -m 2 http://${balancer([]).dnsName}:443`;

test("a load balancer leads by its name to healthy targets only, in any subnet, and refuses without any", async () => {
  await testHosts.driver.putLoadBalancer(balancer([first.address, second.address]));
  const both = await testHosts.sh(first.instanceId, `for i in 1 2 3 4; do ${ask}; echo; done | sort -u`);

  await testHosts.driver.putLoadBalancer(balancer([second.address]));
  const healthy = await testHosts.sh(first.instanceId, `for i in 1 2 3 4; do ${ask}; echo; done | sort -u`);

  await testHosts.driver.putLoadBalancer(balancer([]));
  const none = await testHosts.driver.run(first.instanceId, ask, { timeoutMs: 3000 });
  await testHosts.driver.deleteLoadBalancer("vpc-1", balancer([]).dnsName);
  const gone = await testHosts.driver.run(first.instanceId, ask, { timeoutMs: 3000 });

  expect(both).toBe("ip-172-20-0-51\nip-172-20-0-52");
  expect(healthy).toBe("ip-172-20-0-52");
  expect(none.stderr).toContain("Failed to connect");
  expect(gone.stderr).toContain("Could not resolve host");
});

test("MINOR 1: an address of a balancer forwards to its own targets only, and its name resolves to healthy zones only", async () => {
  const addresses = ["172.20.0.201", "172.20.0.202"];
  const [here = "", there = ""] = addresses;
  const target = { address: first.address, port: 8080, via: [here] };
  const zonal = { ...balancer([]), addresses, resolved: [here], listeners: [{ port: 443, targets: [target] }] };
  await testHosts.driver.putLoadBalancer(zonal);
  const askAt = (address: string) => `curl -sS -m 2 http://${address}:443 || echo none`;

  const answers = await testHosts.sh(first.instanceId, `${ask}; echo; ${askAt(here)}; echo; ${askAt(there)}`);
  const names = await testHosts.sh(first.instanceId, `getent ahostsv4 ${zonal.dnsName} | awk '{ print $1 }' | sort -u`);
  await testHosts.driver.deleteLoadBalancer("vpc-1", zonal.dnsName);

  expect(answers.split("\n")).toEqual(["ip-172-20-0-51", "ip-172-20-0-51", "none"]);
  expect(names).toBe(here);
});

test("two VPCs with equal addresses do not see each other", async () => {
  const answer = await testHosts.sh(
    stranger.instanceId,
    "hostname; curl -sS -m 1 http://172.20.0.51:8080 || echo refused",
  );

  expect(answer).toBe("ip-172-20-0-53\nrefused");
  expect(await testHosts.driver.probe("vpc-2", first.address, 8080, { timeoutMs: 500 })).toBe(false);
  expect(await testHosts.driver.probe("vpc-2", second.address, 8080, { timeoutMs: 500 })).toBe(false);
});

test("a host reaches nothing outside its VPC", async () => {
  const result = await testHosts.driver.run(first.instanceId, "curl -sS -m 3 http://192.0.2.1", { timeoutMs: 4000 });

  expect(result.stderr).toContain("Failed to connect");
});

test("a forward leads from this machine to a port of a host", async () => {
  const port = await testHosts.driver.forward("vpc-1", second.address, 8080);

  const answer = await new Promise<string>((resolve, reject) => {
    request({ host: "127.0.0.1", port }, (response) => resolve(text(response)))
      .on("error", reject)
      .end();
  });

  expect(answer).toBe("ip-172-20-0-52");
  expect(await testHosts.driver.forward("vpc-1", second.address, 8080)).toBe(port);
});

test("a host whose cable is pulled is unreachable until it is plugged in", async () => {
  await testHosts.driver.setLink(second.instanceId, false);
  const cut = await testHosts.driver.probe("vpc-1", second.address, 8080, { timeoutMs: 300 });

  await testHosts.driver.setLink(second.instanceId, true);

  expect(cut).toBe(false);
  await eventually(async () => await testHosts.driver.probe("vpc-1", second.address, 8080, { timeoutMs: 500 }));
});

test("hosts find each other by the private DNS names of EC2", async () => {
  const names = `${second.instanceId}.us-west-2.compute.internal ip-172-20-32-52`;

  const addresses = await testHosts.sh(
    first.instanceId,
    `for name in ${names}; do getent ahostsv4 $name | awk '{print $1; exit}'; done`,
  );

  expect(addresses).toBe("172.20.32.52\n172.20.32.52");
});

test("hosts find names of hosted zones as public name servers answer now", async () => {
  const ask = "getent ahostsv4 app.example.com | awk '{print $1; exit}'";

  const before = await testHosts.sh(first.instanceId, ask);
  testHosts.publicNames.set("app.example.com", [first.address]);
  const then = await testHosts.sh(first.instanceId, ask);
  testHosts.publicNames.set("app.example.com", [second.address]);

  expect([before, then, await testHosts.sh(first.instanceId, ask)]).toEqual(["", first.address, second.address]);
});

test("a host that is blocked towards another still hears it, and still reaches everybody else", async () => {
  const hear = `timeout 5 node -e 'require("dgram").createSocket("udp4").on("message", (m) => { console.log(String(m)); process.exit(); }).bind(9000)'`;
  const say = `for i in 1 2 3 4 5 6; do echo hello >/dev/udp/${first.address}/9000; sleep 0.3; done`;
  const reach = (address: string) => `curl -sS -m 1 http://${address}:8080 2>/dev/null || echo unreachable`;

  await testHosts.driver.setBlocked(first.instanceId, [second.address], true);
  const [heard] = await Promise.all([testHosts.sh(first.instanceId, hear), testHosts.sh(second.instanceId, say)]);
  const blocked = await testHosts.sh(first.instanceId, `${reach(second.address)}; ${reach(first.address)}`);
  await testHosts.driver.setBlocked(first.instanceId, [second.address], false);
  const open = await testHosts.sh(first.instanceId, reach(second.address));

  expect(heard).toBe("hello");
  expect(blocked).toBe("unreachable\nip-172-20-0-51");
  expect(open).toBe("ip-172-20-0-52");
});

test("B1: a host without a way out calls AWS in vain and has no agent, until there is one", async () => {
  let isOpen = false;
  const aws = "http://169.254.169.253/path";
  const userData = `#!/bin/bash\ncurl -sS -m 2 ${aws} || echo "no answer: $?"`;
  const host = hostSpec(54, { vpcId: "vpc-3", userData, egress: () => isOpen });
  await testHosts.driver.launch(host);
  // 28 is curl's code for a time-out.
  await eventually(async () => testHosts.driver.console(host.instanceId).includes("no answer: 28"), 8_000);
  await expect(testHosts.sh(host.instanceId, "true")).rejects.toThrow("is not online");

  isOpen = true;
  const answer = await eventually(async () => await testHosts.sh(host.instanceId, `curl -sS -m 2 ${aws}`));
  expect(answer).toBe("aws answered GET /path");

  isOpen = false;
  await expect(testHosts.sh(host.instanceId, "true")).rejects.toThrow("is not online");
});

test("F4: a host has the network's settings for itself, and no others", async () => {
  const [file, show] = ["/etc/sysctl.d/test.conf", "cat /proc/sys/net/ipv4/tcp_retries2"];
  const before = await testHosts.sh(second.instanceId, show);
  const set = `mkdir -p /etc/sysctl.d; printf '# more\\nnet.ipv4.tcp_retries2 = 5\\nvm.swappiness = 1\\n' >${file}; sysctl -q -p ${file} 2>&1`;

  expect(await testHosts.sh(first.instanceId, set)).toBe(
    "sysctl vm.swappiness: has no effect on a local host (stand-in)",
  );
  expect(await testHosts.sh(first.instanceId, show)).toBe("5");
  expect(await testHosts.sh(second.instanceId, show)).toBe(before);
});

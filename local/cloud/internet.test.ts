import { createServer } from "node:http";
import type { HealthCheckConfig } from "@aws-sdk/client-route-53";
import { expect, onTestFinished, test } from "vitest";
import { Internet, type PublicSide } from "./internet.ts";

const limits = { connectMs: 1_000, answerMs: 1_000 };
const check: HealthCheckConfig = { Type: "HTTP", FullyQualifiedDomainName: "west.elb.amazonaws.com", Port: 80 };

async function webServer(): Promise<number> {
  const server = createServer((_request, response) => response.end("west"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A cloud with one balancer, whose one address leads to a port of this machine. */
function cloud(
  balancer: string,
  options: {
    port?: number;
    internal?: boolean;
    kind?: "namespaces" | "simulated";
    records?: Record<string, string>;
  } = {},
): PublicSide {
  const name = `${balancer}.elb.amazonaws.com`;
  return {
    elbV2: {
      resolve: (asked, { from } = {}) =>
        asked === name && !(from && options.internal) ? { vpcId: "vpc-1", address: "10.0.0.1" } : undefined,
      addresses: (asked) => (asked === name ? ["10.0.0.1"] : undefined),
      isHealthy: (asked) => asked === name,
    },
    route53: {
      resolve: (asked) => {
        const target = options.records?.[asked];
        return target === undefined ? { values: [] } : { values: ["10.0.0.1"], target: `${target}.elb.amazonaws.com` };
      },
    },
    assumeRole: () => undefined,
    isOwnBus: () => false,
    putEvent: () => {},
    hosts: {
      kind: options.kind ?? "namespaces",
      probe: async () => true,
      forward: async (_vpcId, _address, port) => options.port ?? port,
    },
  };
}

test("a check of one cloud asks the load balancer of another, until that one has left", async () => {
  const internet = new Internet();
  internet.join(cloud("east"));
  const leave = internet.join(cloud("west", { port: await webServer() }));

  expect(await internet.probe(check, limits)).toEqual({ healthy: true, text: "Success: HTTP Status Code 200, OK" });
  leave();
  expect(await internet.probe(check, limits)).toMatchObject({ healthy: false });
  expect([internet.isHealthy("east.elb.amazonaws.com"), internet.isHealthy("west.elb.amazonaws.com")]).toEqual([
    true,
    false,
  ]);
});

test("a record of one cloud leads to the load balancer of another, for names, tunnels and checks", async () => {
  const port = await webServer();
  const internet = new Internet();
  internet.join(cloud("east", { records: { "app.example.com": "west" } }));
  internet.join(cloud("west", { port }));

  expect(internet.resolve("app.example.com")).toEqual(["10.0.0.1"]);
  expect(await internet.locate("app.example.com")?.forward(80)).toBe(port);
  expect(await internet.probe({ ...check, FullyQualifiedDomainName: "app.example.com" }, limits)).toMatchObject({
    healthy: true,
  });
  expect([internet.resolve("none.example.com"), internet.locate("none.example.com")]).toEqual([undefined, undefined]);
});

test("checks come from the internet: an internal balancer and a public address of a host are not reached", async () => {
  const internet = new Internet();
  internet.join(cloud("west", { port: await webServer(), internal: true }));

  expect(await internet.probe(check, limits)).toMatchObject({ healthy: false });
  expect(await internet.probe({ Type: "HTTP", IPAddress: "192.0.2.1" }, limits)).toMatchObject({ healthy: false });
});

test("simulated hosts, on which nothing listens, are asked through their model", async () => {
  const internet = new Internet();
  internet.join(cloud("west", { kind: "simulated", port: 1 }));
  const tcp: HealthCheckConfig = { ...check, Type: "TCP" };

  expect(await internet.probe(check, limits)).toMatchObject({ healthy: true });
  expect(await internet.probe(tcp, limits)).toEqual({ healthy: true, text: "Success: TCP connection established." });
});

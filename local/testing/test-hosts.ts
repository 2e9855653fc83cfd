import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { HostSpec } from "../hosts/driver.ts";
import { createNamespaceDriver, type NamespaceDriver } from "../hosts/namespace-driver.ts";

export interface TestHosts {
  readonly driver: NamespaceDriver;
  readonly directory: string;
  /** What names outside of the VPC stand for. */
  readonly publicNames: Map<string, readonly string[]>;
  /** Runs a script on a host and resolves with its output; throws if it fails. */
  sh(instanceId: string, script: string): Promise<string>;
  close(): Promise<void>;
}

/** A driver in a temporary directory, behind it an AWS endpoint that answers every request with its path. */
export async function startTestHosts(): Promise<TestHosts> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-hosts-test-"));
  const awsSocket = join(directory, "aws.sock");
  const aws = createServer((request, response) => response.end(`aws answered ${request.method} ${request.url}`));
  await new Promise<void>((resolve) => aws.listen(awsSocket, resolve));
  const publicNames = new Map<string, readonly string[]>();
  const driver = await createNamespaceDriver({
    ...{ directory, awsSocket, log: () => undefined },
    publicNames: (name) => publicNames.get(name),
  });
  return {
    driver,
    directory,
    publicNames,
    sh: async (instanceId, script) => {
      const result = await driver.run(instanceId, script, { timeoutMs: 5000 });
      if (result.exitCode !== 0) throw new Error(`${result.exitCode}: ${result.stdout}${result.stderr}`);
      return result.stdout.trim();
    },
    close: async () => {
      await driver.close();
      aws.close();
      aws.closeAllConnections();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A host of a test: number `n` has the address 172.20.0.n and the MAC that goes with it. */
export function hostSpec(n: number, more: Partial<HostSpec> = {}): HostSpec {
  return {
    instanceId: `i-${String(n).padStart(17, "0")}`,
    vpcId: "vpc-1",
    address: `172.20.0.${n}`,
    mac: `02:00:00:00:00:${n.toString(16).padStart(2, "0")}`,
    subnetCidr: "172.20.0.0/19",
    zone: "us-west-2a",
    region: "us-west-2",
    accountId: "123456789012",
    instanceType: "m5.large",
    hypervisor: "nitro",
    imageId: "ami-0123456789abcdef0",
    hostname: `ip-172-20-0-${n}`,
    userData: "",
    tags: { Name: `host-${n}` },
    credentials: async () => ({
      roleName: "masters",
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiresAt: Date.parse("2030-01-01T00:00:00Z"),
    }),
    egress: () => true,
    ...more,
  };
}

/** Repeats `attempt` until it resolves with something but undefined or false; rejects after `timeoutMs`. */
export async function eventually<T>(attempt: () => Promise<T | undefined | false>, timeoutMs = 4000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let failure: unknown = new Error("it never happened");
  while (Date.now() < deadline) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      failure = error;
    }
    await delay(20);
  }
  throw failure;
}

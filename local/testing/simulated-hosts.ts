import { readFileSync } from "node:fs";
import { join } from "node:path";
import { realClock } from "../context/clock.ts";
import type { HostSpec } from "../hosts/driver.ts";
import { SimulatedDriver } from "../hosts/simulated/driver.ts";
import type { Heartbeat, HostAws } from "../hosts/simulated/host-aws.ts";
import { hostSpec } from "./test-hosts.ts";

/**
 * What masters share, as far as a simulated host looks: the authority's certificate, of which only the public key
 * counts.
 */
const AUTHORITY = `### /etc/kubernetes/pki/ca.crt 0644
-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIURiWmOzmi+vFtEw8c5igsv5Dyw0QwCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCY2EwHhcNMjYxMTI1MTkwMTIzWhcNMzYxMTIyMTkwMTIzWjAN
MQswCQYDVQQDDAJjYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABISUrGD548Ig
BNiFcvsZKctNRtQ27J65+AMjp+HoMfdUmcEf6iMt5JKWlINI0W73Mnt5nhCV2p1W
Gt1DIlkCXAqjUzBRMB0GA1UdDgQWBBRpPLE05rvKlgY0x27v5J/aa3NBfjAfBgNV
HSMEGDAWgBRpPLE05rvKlgY0x27v5J/aa3NBfjAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCIGQvlEui/7NbjOxDx6xVztC72pubUrFW3DH2t/JQ6hjQ
AiANOGzzE/9Ju8LmSYPgIXfo5wLVzudx5UDCQwg2hHbVRg==
-----END CERTIFICATE-----
`;

export const MEMBERS = ["a", "b", "c"] as const;
export type MemberName = (typeof MEMBERS)[number];
const ADDRESSES: Readonly<Record<MemberName, string>> = { a: "172.20.0.11", b: "172.20.0.12", c: "172.20.0.13" };

/**
 * A simulated VPC with the parameters and the load balancer of one cluster, which an AWS of its own holds in memory.
 */
export interface Stage {
  readonly driver: SimulatedDriver;
  readonly parameters: Map<string, string>;
  readonly heartbeats: Heartbeat[];
  /** Launches an instance of a member; without a volume attached it waits. */
  launch(member: MemberName, instanceId: string, more?: Partial<HostSpec>): Promise<void>;
  /** Runs a document of `functions/hosts/documents` with its parameters; resolves with what it printed. */
  ask(instanceId: string, document: string, parameters?: Readonly<Record<string, string>>): Promise<string>;
  health(instanceId: string): Promise<Health>;
}

export interface Health {
  readonly healthy: boolean;
  /** Ids as numbers, rounded. */
  readonly status: readonly { readonly Status: { readonly leader?: number } }[] | null;
}

export function openStage(): Stage {
  const parameters = new Map([["/p/masters/shared", AUTHORITY]]);
  for (const member of MEMBERS) {
    parameters.set(`/p/masters/${member}`, "");
    parameters.set(`/p/masters/${member}-volume`, `vol-${member} 1 new`);
  }
  const heartbeats: Heartbeat[] = [];
  const objects = new Map<string, Buffer>();
  const parameter = (name: string): string => {
    const value = parameters.get(name);
    if (value === undefined) throw new Error("ParameterNotFound");
    return value;
  };
  const aws: HostAws = {
    getParameters: async (names) => names.map(parameter),
    postApi: async () => Promise.reject(new Error("there is no API on this stage")),
    putHeartbeat: async (_table, heartbeat) => void heartbeats.push(heartbeat),
    putObject: async ({ key }, body) => void objects.set(key, body),
    getObject: async ({ key }) => {
      const body = objects.get(key);
      if (!body) throw new Error("NoSuchKey");
      return body;
    },
  };
  const driver = new SimulatedDriver({ clock: realClock, aws: () => aws });
  const ask: Stage["ask"] = async (instanceId, document, values = {}) => {
    const { exitCode, stdout, stderr } = await driver.run(instanceId, scriptOf(document, values), { timeoutMs: 5_000 });
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  };
  return {
    driver,
    parameters,
    heartbeats,
    launch: (member, instanceId, more) => driver.launch({ ...masterSpec(member, instanceId), ...more }),
    ask,
    health: async (instanceId) => JSON.parse(await ask(instanceId, "member-health")),
  };
}

function masterSpec(member: MemberName, instanceId: string): HostSpec {
  const variables = {
    CLUSTER: "test.example.com",
    CLUSTER_UID: "uid",
    TABLE: "table",
    INSTANCES: "arn:aws:ec2:us-west-2:123456789012:instance/",
    REGION: "us-west-2",
    PARAMETERS: "/p",
    MEMBER: member,
    ADDRESS: ADDRESSES[member],
    INITIAL_CLUSTER: MEMBERS.map((name) => `${name}=https://${ADDRESSES[name]}:2380`).join(","),
    ENDPOINT: "api.elb.local",
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  const userData = ["#!/bin/bash", ...lines, "# the scripts follow", ""].join("\n");
  return hostSpec(1, { instanceId, address: ADDRESSES[member], userData });
}

export function peerUrl(member: MemberName): string {
  return `https://${ADDRESSES[member]}:2380`;
}

/** The balancer of the API with all masters as its healthy targets. */
export const BALANCER = {
  vpcId: "vpc-1",
  dnsName: "api.elb.local",
  addresses: ["172.20.0.200"],
  listeners: [{ port: 443, targets: MEMBERS.map((member) => ({ address: ADDRESSES[member], port: 6443 })) }],
};

/** As Systems Manager fills a document. */
function scriptOf(document: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(import.meta.dirname, `../../functions/hosts/documents/${document}.sh`), "utf8");
  return `#!/bin/bash\n${text}`.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => values[name] ?? "");
}

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setEnvironment } from "../../../test/support/environment.ts";
import { clusterFlows } from "../../domain/network/flows.ts";

const VPC = "172.20.0.0/16";
const OFFICE = "203.0.113.0/24";
const XMLNS = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';

/** Stands for EC2: there are no groups yet; those that are made are called as they are named, and rules are kept. */
const ingress: URLSearchParams[] = [];
const answers: Readonly<Record<string, (form: URLSearchParams) => string>> = {
  DescribeSecurityGroups: () => "<securityGroupInfo/>",
  DescribeAddresses: () => "<addressesSet><item><publicIp>198.51.100.7</publicIp></item></addressesSet>",
  CreateSecurityGroup: (form) => `<groupId>sg-${form.get("GroupName")?.split(".")[0]}</groupId>`,
  AuthorizeSecurityGroupIngress: (form) => {
    ingress.push(form);
    return "<return>true</return>";
  },
};
const fakeEc2 = createServer(async (request, response) => {
  const form = new URLSearchParams(await text(request));
  const action = form.get("Action") ?? "";
  response.end(`<${action}Response ${XMLNS}>${answers[action]?.(form) ?? ""}</${action}Response>`);
});

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  setEnvironment({
    AWS_ENDPOINT_URL: await listening(fakeEc2),
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
});
afterAll(() => {
  fakeEc2.closeAllConnections();
  fakeEc2.close();
});

/** The rows of the table of flows in docs/security.md, as lists of cells. */
function documented(): string[][] {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/security.md"), "utf8");
  const [, section = ""] = page.split("\n## Flows\n");
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The same cells of each rule that EC2 was asked for. */
function made(): string[][] {
  return ingress.flatMap((form) => {
    const rows: string[][] = [];
    for (let n = 1; form.has(`IpPermissions.${n}.IpProtocol`); n += 1) {
      const field = (name: string) => form.get(`IpPermissions.${n}.${name}`);
      const protocol = field("IpProtocol") === "-1" ? "all" : String(field("IpProtocol")).toUpperCase();
      const from = field("FromPort");
      const to = field("ToPort");
      const ports = from === null || from === "-1" ? "all" : from === to ? from : `${from}–${to}`;
      const cidr = field("IpRanges.1.CidrIp");
      const named: Record<string, string> = {
        "198.51.100.7/32": "each NAT gateway",
        [VPC]: "the VPC",
        [OFFICE]: "`--admin-access`",
      };
      const source = cidr ? (named[cidr] ?? cidr) : String(field("Groups.1.GroupId")).replace("sg-", "");
      const why = field("IpRanges.1.Description") ?? String(field("Groups.1.Description"));
      rows.push([String(form.get("GroupId")).replace("sg-", ""), source, protocol, ports, why]);
    }
    return rows;
  });
}

beforeEach(() => {
  ingress.length = 0;
});

test("the security groups that are made let through what docs/security.md says, and nothing else", async () => {
  const { admitAddresses, ensureSecurityGroups } = await import("./security-groups.ts");
  const { ec2 } = await import("./client.ts");
  const owner = { cluster: "prod.example.com", uid: "01ab", labels: {} };

  const { api } = await ensureSecurityGroups(ec2, owner, "vpc-1", clusterFlows([VPC], [OFFICE]));
  await admitAddresses(ec2, owner, String(api), 1);

  expect(made().toSorted()).toEqual(documented().toSorted());
});

test("the load balancer has no group where everybody may reach the API", async () => {
  const { ensureSecurityGroups } = await import("./security-groups.ts");
  const { ec2 } = await import("./client.ts");
  const owner = { cluster: "prod.example.com", uid: "01ab", labels: {} };

  expect(await ensureSecurityGroups(ec2, owner, "vpc-1", clusterFlows([VPC]))).toEqual({
    masters: "sg-masters",
    nodes: "sg-nodes",
  });
});

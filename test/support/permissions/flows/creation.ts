import { CreateHostedZoneCommand } from "@aws-sdk/client-route-53";
import { DeleteParametersCommand } from "@aws-sdk/client-ssm";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { newSigningRequest } from "../../../../client/signing-request.ts";
import { keys } from "../../../../functions/store/keys.ts";
import type { Account } from "../account.ts";
import { expectStatus, MAIN, MASTERS_GROUP, NODES_GROUP, type PermissionsFlow, remove, ZONES } from "./flow.ts";

export const IMAGE = "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
const SPEC = {
  name: MAIN,
  zones: ZONES,
  masterZones: ZONES,
  nodeCount: 1,
  topology: "private",
  adminAccess: ["203.0.113.0/24"],
  dnsZone: "example.com",
  image: IMAGE,
  masterSecurityGroups: [MASTERS_GROUP],
  nodeSecurityGroups: [NODES_GROUP],
  masterSizeFallbacks: ["t3.large"],
};

const CHECKED = "checked.example.com";
const NAT_GATEWAYS = "L-FE5A380F";

/**
 * Zones that offer nothing, and quotas of which the account has no value of its own: two things that are looked up
 * elsewhere.
 */
export async function hideOffers(account: Account, caller: string): Promise<void> {
  const offers = { service: "ec2", operation: "DescribeInstanceTypeOfferings" };
  await account.fault({ kind: "api", action: "lose-page", ...offers, caller });
  const quota = { service: "servicequotas", operation: "GetServiceQuota", code: "NoSuchResourceException" };
  await account.fault({ kind: "api", action: "error", ...quota, caller });
}

function quota(account: Account, value: number): void {
  account.cloud.services.quotas.set(NAT_GATEWAYS, value);
}

/**
 * Asks for the same while offers are hidden, and while the account may have one NAT gateway a zone: refused both times.
 */
async function refusedTwice(account: Account, caller: string, path: string, body?: unknown): Promise<void> {
  await hideOffers(account, caller);
  await expectStatus(account.ask("POST", path, body), 422);
  await account.cloud.faults.end();
  quota(account, 1);
  await expectStatus(account.ask("POST", path, body), 422);
  quota(account, 5);
}

/**
 * From nothing to a cluster, by way of what is refused and what has to be continued with; and what is read and changed
 * of it.
 */
export const CREATION: readonly PermissionsFlow[] = [
  {
    name: "plan",
    async run(account) {
      for (const groupId of [MASTERS_GROUP, NODES_GROUP])
        account.cloud.services.ec2.seed({ kind: "security-group", groupId });
      await account.route53.send(new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "1" }));
      await expectStatus(account.ask("POST", "/plan", { spec: SPEC }), 200);
      await expectStatus(account.ask("POST", "/plan", { spec: { ...SPEC, masterCount: 2 } }), 422);
      await expectStatus(account.ask("POST", "/clusters", { spec: { ...SPEC, image: "ssm:/no/such" } }), 422);
    },
  },
  {
    name: "create, fail late, resume",
    async run(account) {
      const refuse = { code: "AccessDeniedException", match: "holdfast-finish-control-plane", count: 1 };
      await account.fault({ kind: "api", action: "error", service: "ssm", operation: "SendCommand", ...refuse });
      const crash = { function: "preparemember", operation: "CreateVolume", count: 1 };
      await account.fault({ kind: "lambda", action: "crash-after-call", ...crash });
      const early = { function: "createnetwork", operation: "CreateNetworkInterface", count: 1 };
      await account.fault({ kind: "lambda", action: "crash-after-call", ...early });
      await expectStatus(account.ask("POST", "/clusters", { spec: SPEC }), 202);
      await account.untilStatus(MAIN, "FAILED");
      await expectStatus(account.ask("POST", `/clusters/${MAIN}/resume`), 202);
      await account.untilStatus(MAIN, "ACTIVE");
    },
  },
  {
    name: "check",
    async run(account) {
      const spec = { ...SPEC, name: CHECKED };
      await refusedTwice(account, "createplan", "/plan", { spec });
      await refusedTwice(account, "createcluster", "/clusters", { spec });
      const refuse = { code: "UnauthorizedOperation", count: 1 };
      await account.fault({ kind: "api", action: "error", service: "ec2", operation: "CreateVpc", ...refuse });
      await expectStatus(account.ask("POST", "/clusters", { spec }), 202);
      await account.untilStatus(CHECKED, "FAILED");
      await refusedTwice(account, "updatecluster", `/clusters/${CHECKED}/resume`);
      // What was checked a minute ago is not checked again: this was.
      await account.table.client.send(
        new UpdateCommand({
          TableName: account.table.name,
          Key: keys.cluster(CHECKED),
          UpdateExpression: "SET #r.createdAt = :then",
          ExpressionAttributeNames: { "#r": "record" },
          ExpressionAttributeValues: { ":then": new Date(Date.now() - 120_000).toISOString() },
        }),
      );
      await hideOffers(account, "validateaccount");
      await expectStatus(account.ask("POST", `/clusters/${CHECKED}/resume`), 202);
      await account.untilStatus(CHECKED, "FAILED");
      await account.cloud.faults.end();
      account.beforeCall("validateaccount", "UpdateItem", async () => quota(account, 1));
      await expectStatus(account.ask("POST", `/clusters/${CHECKED}/resume`), 202);
      await account.untilStatus(CHECKED, "FAILED");
      quota(account, 5);
      await remove(account, CHECKED);
    },
  },
  {
    name: "read",
    async run(account) {
      await expectStatus(account.ask("GET", "/clusters"), 200);
      const { request: certificateRequest } = await newSigningRequest(MAIN);
      await expectStatus(account.ask("POST", `/clusters/${MAIN}/kubeconfig`, { certificateRequest }), 200);
      for (const what of ["?fresh=true", "/resources", "/operations", "/events"])
        await expectStatus(account.ask("GET", `/clusters/${MAIN}${what}`), 200);
      const { body } = await account.ask("GET", `/clusters/${MAIN}/operations`);
      const [operation] = Object(body).items;
      await expectStatus(account.ask("GET", `/operations/${operation.id}`), 200);
      await expectStatus(account.ask("GET", "/clusters/none.example.com"), 404);
    },
  },
  {
    name: "update and scale",
    async run(account) {
      const change = {
        masterSize: "t3.large",
        masterSizeFallbacks: [],
        nodeSize: "t3.large",
        masterSecurityGroups: [NODES_GROUP],
      };
      const patch = { spec: { ...change, nodeSecurityGroups: [MASTERS_GROUP] } };
      // Certificates that somebody deleted are issued again.
      await account.ssm.send(new DeleteParametersCommand({ Names: [`/holdfast/${MAIN}/masters/a`] }));
      await expectStatus(account.ask("PATCH", `/clusters/${MAIN}`, patch), 202);
      await account.untilStatus(MAIN, "ACTIVE");
      const back = {
        masterSize: "t3.medium",
        masterSecurityGroups: [MASTERS_GROUP],
        masterSizeFallbacks: ["t3.large"],
      };
      await expectStatus(account.ask("PATCH", `/clusters/${MAIN}`, { spec: back }), 202);
      await account.untilStatus(MAIN, "ACTIVE");
      for (const count of [3, 1]) {
        await expectStatus(account.ask("POST", `/clusters/${MAIN}/scale`, { count }), 202);
        await account.untilStatus(MAIN, "ACTIVE");
      }
      await expectStatus(account.ask("PATCH", `/clusters/${MAIN}`, { spec: { nodeCount: 1 } }), 200);
      await expectStatus(account.ask("PATCH", `/clusters/${MAIN}`, { spec: { topology: "public" } }), 422);
    },
  },
];

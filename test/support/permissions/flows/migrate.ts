import { CreateHostedZoneCommand } from "@aws-sdk/client-route-53";
import type { Account } from "../account.ts";
import { hideOffers, IMAGE } from "./creation.ts";
import { createSmall, expectStatus, type PermissionsFlow, remove, ZONES } from "./flow.ts";

const PUBLIC = "migrated.example.com";
const [A = "", B = "", C = ""] = ZONES;
const D = "us-west-2d";

/** Asks until the masters are there: what a fault has stopped continues, or begins again. */
async function migrate(account: Account, cluster: string, masterZones: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await expectStatus(account.ask("POST", `/clusters/${cluster}/migrate`, { masterZones }), 202);
    const { spec, migration } = await account.untilStatus(cluster, "ACTIVE", "DEGRADED");
    if (!migration && spec.masterZones.join() === masterZones.join()) return;
    if (attempt === 3) throw new Error(`the masters of ${cluster} are in ${spec.masterZones.join()}`);
    await account.cloud.faults.end();
  }
}

/** A document that hosts refuse once. */
async function refuse(account: Account, document: string): Promise<void> {
  const denied = { code: "AccessDeniedException", match: `holdfast-${document}`, count: 1 };
  await account.fault({ kind: "api", action: "error", service: "ssm", operation: "SendCommand", ...denied });
}

const PRIVATE = {
  name: "private.example.com",
  zones: ZONES,
  masterZones: ZONES,
  nodeCount: 0,
  topology: "private",
  dnsZone: "example.com",
  image: IMAGE,
  masterSecurityGroups: ["sg-23456789"],
};

async function createPrivate(account: Account): Promise<void> {
  account.cloud.services.ec2.seed({ kind: "security-group", groupId: "sg-23456789" });
  await account.route53.send(new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "migrate" }));
  await expectStatus(account.ask("POST", "/clusters", { spec: PRIVATE }), 202);
  await account.untilStatus(PRIVATE.name, "ACTIVE");
}

/** Masters come and go. */
export const MIGRATE: readonly PermissionsFlow[] = [
  {
    name: "migrate: one master becomes three, at the second try",
    async run(account) {
      // Its one zone fills the network, which gets a further block.
      await createSmall(account, PUBLIC);
      // Learners have begun to copy the data: they are taken out again.
      await refuse(account, "change-voters");
      await migrate(account, PUBLIC, [A, B, C]);
    },
  },
  {
    name: "migrate: a zone without capacity is given up",
    async run(account) {
      await account.fault({ kind: "capacity", action: "exhaust", zone: D });
      await expectStatus(account.ask("POST", `/clusters/${PUBLIC}/migrate`, { masterZones: [A, B, D] }), 202);
      const { spec } = await account.untilStatus(PUBLIC, "ACTIVE");
      if (spec.masterZones.includes(D)) throw new Error(`a master is in ${D}`);
      await account.cloud.faults.end();
    },
  },
  {
    name: "migrate: a master goes to another zone",
    run: (account) => migrate(account, PUBLIC, [A, B, D]),
  },
  {
    name: "migrate: three masters become one, and that goes to another zone",
    async run(account) {
      await migrate(account, PUBLIC, [A]);
      await migrate(account, PUBLIC, [B]);
      await remove(account, PUBLIC);
    },
  },
  {
    name: "migrate: a private cluster gets a zone, and two masters more",
    async run(account) {
      const { name } = PRIVATE;
      await createPrivate(account);
      await hideOffers(account, "migratecluster");
      await expectStatus(account.ask("POST", `/clusters/${name}/migrate`, { masterZones: [...ZONES, D, A] }), 422);
      await account.cloud.faults.end();
      const crash = { function: "providezones", operation: "CreateNatGateway", count: 1 };
      await account.fault({ kind: "lambda", action: "crash-after-call", ...crash });
      await migrate(account, name, [...ZONES, D, A]);
      await remove(account, name);
    },
  },
];

import type { Account } from "../account.ts";
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

async function createPrivate(account: Account, name: string): Promise<void> {
  const spec = { name, zones: ZONES, masterZones: ZONES, nodeCount: 0, topology: "private" };
  await expectStatus(account.ask("POST", "/clusters", { spec }), 202);
  await account.untilStatus(name, "ACTIVE");
}

/** Masters come and go. */
export const MIGRATE: readonly PermissionsFlow[] = [
  {
    name: "migrate: one master becomes three, at the second try",
    async run(account) {
      await createSmall(account, PUBLIC, { zones: ZONES });
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
      const name = "private.example.com";
      await createPrivate(account, name);
      const crash = { function: "providezones", operation: "CreateNatGateway", count: 1 };
      await account.fault({ kind: "lambda", action: "crash-after-call", ...crash });
      await migrate(account, name, [...ZONES, D, A]);
      await remove(account, name);
    },
  },
];

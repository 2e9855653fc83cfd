import type { Account } from "../account.ts";

/** Something that users, AWS or bad luck make the product do. */
export interface PermissionsFlow {
  readonly name: string;
  run(account: Account): Promise<void>;
}

export const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
/** The cluster that most flows work on: three masters in private subnets, with groups of the user's and a DNS name. */
export const MAIN = "permissions.example.com";
export const MASTERS_GROUP = "sg-12345678";
export const NODES_GROUP = "sg-87654321";

export async function expectStatus(
  answer: Promise<{ readonly status: number; readonly body: unknown }>,
  status: number,
): Promise<void> {
  const given = await answer;
  if (given.status !== status) throw new Error(`answered ${given.status}: ${JSON.stringify(given.body)}`);
}

/** A cluster of one master in one zone, being created. */
export async function beginSmall(account: Account, name: string, nodeCount = 0): Promise<void> {
  const [zone] = ZONES;
  const spec = { name, zones: [zone], masterZones: [zone], nodeCount };
  await expectStatus(account.ask("POST", "/clusters", { spec }), 202);
}

export async function createSmall(account: Account, name: string): Promise<void> {
  await beginSmall(account, name);
  await account.untilStatus(name, "ACTIVE");
}

export async function remove(account: Account, name: string): Promise<void> {
  await expectStatus(account.ask("DELETE", `/clusters/${name}`), 202);
  await account.untilStatus(name, "DELETED");
}

/** The record of one member; fails without it. */
export async function memberOf(account: Account, cluster: string, name: string) {
  const found = (await account.members(cluster)).find(({ member }) => member === name);
  if (!found?.instanceId || !found.volumeId) throw new Error(`${cluster} has no whole member ${name}`);
  return { ...found, instanceId: found.instanceId, volumeId: found.volumeId };
}

/** As the reconciler does once it has found it. */
export function foundByReconcile(account: Account, cluster: string, what: string): void {
  account.workflows.start("repairmaster", { cluster, detectedBy: `reconcile: ${what}`, thorough: true });
}

/** AWS says that it will take an instance away. */
export function sayInterruption(account: Account, instanceId: string): void {
  account.cloud.context.publish({
    source: "aws.ec2",
    detailType: "EC2 Spot Instance Interruption Warning",
    resources: [],
    detail: { "instance-id": instanceId, "instance-action": "terminate" },
  });
}

/** Whole again: the member has another instance and is healthy, and nobody works on the cluster. */
export async function replaced(account: Account, cluster: string, member: string, instanceId: string): Promise<void> {
  await account.until(`${member} of ${cluster} to be replaced`, async () => {
    const now = (await account.members(cluster)).find((each) => each.member === member);
    return now?.health === "healthy" && now.instanceId !== instanceId;
  });
  await account.untilStatus(cluster, "ACTIVE");
}

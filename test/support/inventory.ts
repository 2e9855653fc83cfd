import * as z from "zod";
import type { LocalCloud } from "../../local/cloud.ts";

/** What a local account holds, one line a thing: `ec2/volumes/vol-… volume/a`. Sorted, so that two can be compared. */
export type Inventory = readonly string[];

/** Instances and gateways can be described for an hour after their end, in a state that says so (EC2 API reference). */
const GONE = new Set(["terminated", "deleted", "failed"]);

/**
 * Everything of every type in the account, read from the services themselves, so that nothing hides behind a page, a
 * filter or a missing permission. Of the table: every item but event histories, operations, answers to requests, heartbeats, keys
 * of nodes and former members (they expire), and clusters that are DELETED. What AWS makes once an account and keeps is left out: roles of
 * services, and the DHCP options that all VPCs share.
 */
export function takeInventory({ services }: LocalCloud): Inventory {
  const { ec2, elbV2, autoScaling, iam, ssm, route53 } = services;
  const { dhcpOptions: _, ...resourcesOf } = ec2.store.snapshot();
  const store = Object.entries(resourcesOf).flatMap(([kind, resources]) =>
    resources
      .filter((resource) => !("state" in resource && GONE.has(String(resource.state))))
      .map(({ id, tags }) => `ec2/${kind}/${id} ${tags["holdfast:resource"] ?? tags["Name"] ?? ""}`.trimEnd()),
  );
  const associations = ec2.store.securityGroups
    .list()
    .flatMap(({ id, associations }) => associations.map(({ vpcId }) => `ec2/associations/${id} ${vpcId}`));
  const elb = elbV2.snapshot();
  const identity = iam.snapshot();
  const parameters = ssm.snapshot();
  return [
    ...store,
    ...associations,
    ...below("elb/balancers", elb.balancers),
    ...below("elb/groups", elb.groups),
    ...below("elb/listeners", elb.listeners),
    ...elb.releasing.map(({ interfaceId }) => `elb/releasing/${interfaceId}`),
    ...below("autoscaling/groups", autoScaling.snapshot().groups),
    ...below("iam/roles", identity.roles).filter((role) => !role.startsWith("iam/roles/AWSServiceRoleFor")),
    ...below("iam/profiles", identity.profiles),
    ...below("iam/policies", identity.policies),
    ...below("ssm/parameters", parameters.parameters),
    ...below("ssm/secrets", parameters.secrets),
    ...Object.values(route53.snapshot().zones).flatMap(({ id, records }) => [
      `route53/zones/${id}`,
      ...records.map(({ name, type }) => `route53/records/${name} ${type}`),
    ]),
    ...tableItems(services.dynamodb),
  ].toSorted();
}

function below(path: string, things: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(things).map((name) => `${path}/${name}`);
}

/**
 * History, what expires by itself, and what belongs to the backend itself: the reconciler remembers what it has seen.
 */
const KEPT = /^((OPERATION|IDEMPOTENCY|REQUESTS|HEARTBEAT|NODEKEY)#|SWEEP$)/;

const Tables = z.object({
  tables: z.array(z.object({ items: z.array(z.record(z.string(), z.record(z.string(), z.unknown()))) })),
});

function tableItems(dynamodb: LocalCloud["services"]["dynamodb"]): string[] {
  return Tables.parse(dynamodb.snapshot()).tables.flatMap(({ items }) =>
    items.flatMap((item): string[] => {
      const [pk, sk] = [textOf(item["pk"]), textOf(item["sk"])];
      const isFormer = textOf(item["kind"]) === "FORMER_MEMBER";
      const isKept =
        isFormer ||
        KEPT.test(pk) ||
        /^(EVENT|OPERATION|BACKUP)#/.test(sk) ||
        JSON.stringify(item).includes('{"S":"DELETED"}');
      return isKept ? [] : [`dynamodb/${pk}/${sk}`];
    }),
  );
}

function textOf(value: Readonly<Record<string, unknown>> | undefined): string {
  return String(value?.["S"] ?? "");
}

/** What came (`+`) and what went (`-`) between two inventories; empty if the account is as it was. */
export function compareInventories(before: Inventory, after: Inventory): string[] {
  const [had, has] = [new Set(before), new Set(after)];
  return [
    ...after.filter((line) => !had.has(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !has.has(line)).map((line) => `- ${line}`),
  ];
}

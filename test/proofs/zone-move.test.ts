import { type Address, DescribeAddressesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listMembers } from "../../functions/store/members.ts";
import { listResources } from "../support/account.ts";
import { CREATE } from "../support/create.ts";
import { type Healing, healingOf } from "../support/healing.ts";
import { compareInventories, type Inventory, takeInventory } from "../support/inventory.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "move.example.com";
const MOVES = ["--master-zone-fallback", "move", "--master-zone-fallback-minutes", "1"];

let scenario: Scenario;
let healing: Healing;
let empty: Inventory;
beforeAll(async () => {
  scenario = await startScenario();
  empty = takeInventory(scenario.cloud);
  // A fourth zone beside the three of the masters.
  const created = await scenario.holdfast(...CREATE, "--zones", "us-west-2d", ...MOVES, NAME, "--yes", "--wait");
  expect(created).toMatchObject({ code: 0 });
  healing = await healingOf(scenario, NAME);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await healing.fault("clear");
});

/** What the account holds of member a alone. */
async function ofMemberA(): Promise<string[]> {
  return (await listResources(scenario.cloud))
    .map(({ kind, name = "" }) => `${kind} ${name}`)
    .filter((line) => /^(instance master-a|(volume|interface) (volume|interface)\/a(\/\d+)?)$/.test(line))
    .toSorted();
}

/** The addresses behind the API's load balancer. */
async function targets(): Promise<(string | undefined)[]> {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const elb = new ElasticLoadBalancingV2Client({ endpoint, region, credentials });
  const { TargetGroups: [group] = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const asked = new DescribeTargetHealthCommand({ TargetGroupArn: group?.TargetGroupArn });
  const { TargetHealthDescriptions = [] } = await elb.send(asked);
  return TargetHealthDescriptions.map(({ Target }) => Target?.Id).toSorted();
}

/** By their logical names: that of member a is the first. */
async function elasticIps() {
  const { Addresses = [] } = await scenario.ec2.send(new DescribeAddressesCommand({}));
  const nameOf = ({ Tags = [] }: Address) => Tags.find(({ Key }) => Key === "holdfast:resource")?.Value ?? "";
  return Addresses.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
}

function identityOf({ instanceId, volumeId, address, zone }: ReturnType<typeof memberOf>) {
  return {
    instanceId,
    volumeId,
    address,
    zone,
  };
}

test("a zone is out for longer than the spec waits: its member moves to the fourth zone, the others continue untouched", async () => {
  const before = await healing.whole();
  const ids = await healing.memberIds();
  await scenario.etcdctl(NAME, "put", "before", "acknowledged");
  await healing.fault("zone", "power", "us-west-2a");
  const degraded = await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "DEGRADED",
    60_000,
  );
  await scenario.etcdctl(NAME, "put", "meanwhile", "acknowledged");

  const moved = await memberReplaced(scenario, NAME, memberOf(before, "a"), 400_000);

  expect(degraded.reason).toMatch(/It moves to us-west-2d if that lasts until \d{4}-\d\d-\d\dT\d\d:\d\dZ\.$/);
  expect(moved).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(moved.members.map(({ zone }) => zone)).toEqual(["us-west-2d", "us-west-2b", "us-west-2c"]);
  expect(moved.spec.masterZones).toEqual(["us-west-2a", "us-west-2b", "us-west-2c"]);
  for (const name of ["b", "c"]) expect(memberOf(moved, name)).toMatchObject(identityOf(memberOf(before, name)));
  const after = await healing.memberIds();
  expect({ b: after["b"], c: after["c"] }).toEqual({ b: ids["b"], c: ids["c"] });
  expect(after["a"]).not.toBe(ids["a"]);
  expect(await targets()).toEqual(moved.members.map(({ address }) => address).toSorted());
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "before")).toBe("acknowledged");
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "meanwhile")).toBe("acknowledged");
  expect((await scenario.holdfast("get", "clusters")).stdout).toContain("us-west-2d,us-west-2b,us-west-2c");
  const explain = await healing.explain();
  expect(explain).toContain("Member a moves to us-west-2d (the zone of a launches no instance).");
  expect(explain).toContain("Member a moved from us-west-2a to us-west-2d");
  expect(explain).toContain("Member a has caught up on its new volume and votes again.");
});

test("when the zone comes back nothing of the member is left there", async () => {
  await healing.reconcile();
  await healing.whole();
  await eventually(
    async () => (await listMembers(healing.table, NAME)).flatMap(({ formerResources = [] }) => formerResources),
    (formerResources) => formerResources.length === 0,
    60_000,
  );

  expect(await ofMemberA()).toEqual(["instance master-a", "interface interface/a/2", "volume volume/a/2"]);
  // B1: the Elastic IPs of a public topology: still three, and a's has come along.
  const [moved, ...others] = await elasticIps();
  expect(others).toHaveLength(2);
  expect(moved).toMatchObject({ PrivateIpAddress: memberOf(await scenario.cluster(NAME), "a").address });
  expect(await healing.explain()).toContain("The former resources of master a in us-west-2a are removed.");
});

test("another member begins again after the move: its replacement knows where the moved one is", async () => {
  const before = await healing.whole();
  await healing.fault("volume", "lose", `${NAME}/b`);

  await healing.found();
  const healed = await memberReplaced(scenario, NAME, memberOf(before, "b"), 300_000);

  expect(healed.quorum).toMatchObject({ size: 3, healthy: 3 });
  expect(await healing.onHost("b", "cat /etc/systemd/system/etcd.service")).toContain(memberOf(healed, "a").address);
  expect(memberOf(healed, "a")).toMatchObject(identityOf(memberOf(before, "a")));
});

test("the moved member itself is replaced with its volume and address of its new zone", async () => {
  const before = await healing.whole();

  await scenario.terminate(memberOf(before, "a").instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, memberOf(before, "a"), 300_000);

  const { instanceId: _, ...kept } = identityOf(memberOf(before, "a"));
  expect(memberOf(healed, "a")).toMatchObject(kept);
});

test("an update of something else leaves the members where they are, and deletion leaves nothing", async () => {
  const before = await healing.whole();

  const updated = await scenario.holdfast(
    ...["update", "cluster", NAME, "--master-zone-fallback", "wait", "--yes", "--wait"],
  );
  const after = await scenario.cluster(NAME);
  const deleted = await scenario.holdfast("delete", "cluster", NAME, "--yes", "--wait");

  expect(updated).toMatchObject({ code: 0 });
  expect(after.spec).not.toHaveProperty("masterZoneFallback");
  expect(after.members.map(identityOf)).toEqual(before.members.map(identityOf));
  expect(after.plan.members).toEqual(before.plan.members);
  expect(deleted).toMatchObject({ code: 0 });
  expect(compareInventories(empty, takeInventory(scenario.cloud))).toEqual([]);
});

test("a cluster that waits for a zone can be ordered to move while its repair waits, and does", async () => {
  const late = "late.example.com";
  const created = await scenario.holdfast(...CREATE, "--zones", "us-west-2d", late, "--yes", "--wait");
  const waiting = await healingOf(scenario, late);
  const before = await waiting.whole();
  await waiting.fault("zone", "power", "us-west-2b");
  const degraded = await eventually(
    () => scenario.cluster(late),
    ({ status }) => status === "DEGRADED",
    60_000,
  );

  const reported = await scenario.holdfast("update", "cluster", late, ...MOVES, "--yes", "--wait", "15m", "-o", "json");
  const after = await waiting.whole();

  expect(created).toMatchObject({ code: 0 });
  expect(degraded.reason).toMatch(/Its group keeps trying\.$/);
  expect(reported).toMatchObject({ code: 0 });
  expect(JSON.parse((await scenario.holdfast("get", "operations", late, "-o", "json")).stdout).items).toMatchObject([
    { kind: "repair", status: "SUCCEEDED" },
    { kind: "create", status: "SUCCEEDED" },
  ]);
  expect(memberOf(after, "b").zone).toBe("us-west-2d");
  expect(memberOf(after, "a")).toMatchObject(identityOf(memberOf(before, "a")));
  expect(await scenario.holdfast("delete", "cluster", late, "--yes", "--wait")).toMatchObject({ code: 0 });
});

test("three masters in three zones: none could take another, so the member waits and says why", async () => {
  const stay = "stay.example.com";
  const created = await scenario.holdfast(...CREATE, ...MOVES, stay, "--yes", "--wait");
  const waiting = await healingOf(scenario, stay);
  const before = await waiting.whole();
  await waiting.fault("zone", "power", "us-west-2a");

  const degraded = await eventually(
    () => scenario.cluster(stay),
    ({ status }) => status === "DEGRADED",
    60_000,
  );
  await waiting.fault("clear");
  const after = await waiting.whole();

  expect(created).toMatchObject({ code: 0 });
  expect(degraded.reason).toMatch(/It does not move: no other zone of the cluster could take it/);
  expect(memberOf(after, "a").volumeId).toBe(memberOf(before, "a").volumeId);
  expect(memberOf(after, "a").zone).toBe("us-west-2a");
});

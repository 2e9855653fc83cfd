import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Healing, startHealing } from "../support/healing.ts";
import { eventually, memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";

const NAME = "healing.example.com";

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await healing.fault("clear");
});

test("with every EC2 and Auto Scaling event lost, the reconciler alone heals", async () => {
  const before = memberOf(await healing.whole(), "a");
  await healing.fault("events", "drop", "--json", '{"source":"aws.ec2"}');
  await healing.fault("events", "drop", "--json", '{"source":"aws.autoscaling"}');
  await scenario.etcdctl(NAME, "put", "heard", "nothing");

  await scenario.terminate(before.instanceId ?? "");
  await healing.reconcile();
  const healed = await memberReplaced(scenario, NAME, before, 60_000);

  expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "heard")).toBe("nothing");
  const { stdout } = await scenario.holdfast("get", "events", NAME);
  expect(stdout).toContain("reconcile: master a has no running instance");
});

test("each event five times and out of order is still one repair", async () => {
  const before = memberOf(await healing.whole(), "b");
  const known = (await healing.repairs()).length;
  await healing.fault("events", "duplicate", "--json", '{"source":"aws.ec2","copies":5,"delayMs":100}');
  await healing.fault("events", "reorder", "--json", '{"delayMs":1500,"seed":7}');

  await scenario.terminate(before.instanceId ?? "");
  await memberReplaced(scenario, NAME, before, 60_000);
  await healing.whole();

  expect((await healing.repairs()).length).toBe(known + 1);
});

test("all three masters at once come back as they were, with all data", async () => {
  const before = await healing.whole();
  const ids = await healing.memberIds();
  await scenario.etcdctl(NAME, "put", "power", "cut");

  await Promise.all(before.members.map(({ instanceId }) => scenario.terminate(instanceId ?? "")));
  await eventually(
    () => scenario.cluster(NAME),
    (cluster) =>
      cluster.members.every(
        ({ name, instanceId, health }) => health === "healthy" && instanceId !== memberOf(before, name).instanceId,
      ),
    60_000,
  );
  const after = await healing.whole();

  expect(after.members.map(({ volumeId }) => volumeId)).toEqual(before.members.map(({ volumeId }) => volumeId));
  expect(await healing.memberIds()).toEqual(ids);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "power")).toBe("cut");
});

test("a master whose etcd hangs on a running instance is replaced, as the same member", async () => {
  const before = memberOf(await healing.whole(), "c");
  const ids = await healing.memberIds();
  await healing.fault("host", "freeze-etcd", `${NAME}/c`);

  // Its own heartbeat says so, and the reconciler believes it after half a minute.
  const started = async () => {
    await healing.reconcile();
    return (await scenario.cluster(NAME)).status;
  };
  await eventually(started, (status) => status === "REPAIRING", 60_000);
  const healed = await memberReplaced(scenario, NAME, before, 60_000);

  expect(memberOf(healed, "c").volumeId).toBe(before.volumeId);
  expect(await healing.memberIds()).toEqual(ids);
});

async function runningNodes(): Promise<string[]> {
  const { Reservations = [] } = await scenario.ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: "instance-state-name", Values: ["running"] }] }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => `node/${InstanceId}`));
}

test("U4: Nodes of instances that have ended go, as with the cloud controller", async () => {
  const { nodes } = await healing.whole();
  await scenario.terminate(nodes[0]?.instanceId ?? "");

  const kubectl = "kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -o name";
  const [names, running] = await eventually(
    async () => [(await healing.onHost("a", kubectl)).trim().split("\n").toSorted(), (await runningNodes()).toSorted()],
    ([found = [], wanted = []]) => found.length === 4 && found.every((name) => wanted.includes(name)),
    60_000,
  );

  expect(names).toEqual(running);
  expect(names).not.toContain(`node/${nodes[0]?.instanceId}`);
});

test("a lost volume is a new member in the old place; the others are not touched", async () => {
  const before = await healing.whole();
  const ids = await healing.memberIds();
  await scenario.etcdctl(NAME, "put", "volume", "lost");
  await healing.fault("volume", "lose", `${NAME}/b`);

  await healing.reconcile();
  const healed = await memberReplaced(scenario, NAME, memberOf(before, "b"), 90_000);

  expect(memberOf(healed, "b").volumeId).not.toBe(memberOf(before, "b").volumeId);
  expect(memberOf(healed, "b").address).toBe(memberOf(before, "b").address);
  const now = await healing.memberIds();
  expect(now).toMatchObject({ a: ids["a"], c: ids["c"] });
  expect(now["b"]).not.toBe(ids["b"]);
  expect([memberOf(healed, "a"), memberOf(healed, "c")].map(({ instanceId }) => instanceId)).toEqual(
    [memberOf(before, "a"), memberOf(before, "c")].map(({ instanceId }) => instanceId),
  );
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "volume")).toBe("lost");
});

test("two lost volumes of three: nothing is touched, and the cluster says what would help", async () => {
  const before = await healing.whole();
  await healing.fault("volume", "lose", `${NAME}/a`);
  await healing.fault("volume", "lose", `${NAME}/c`);

  await healing.reconcile();
  const stuck = await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "DEGRADED",
    60_000,
  );

  expect(stuck.reason).toContain("the data of a, c is lost");
  expect(stuck.reason).toContain("restore the cluster from a backup");
  expect(stuck.members.map(({ instanceId }) => instanceId)).toEqual(before.members.map(({ instanceId }) => instanceId));
});

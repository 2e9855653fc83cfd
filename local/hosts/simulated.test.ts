import { afterEach, beforeEach, expect, test } from "vitest";
import { readProgress, whyNotPromoted } from "../../functions/domain/repair/catch-up.ts";
import { readMaxLearners } from "../../functions/domain/repair/member-list.ts";
import { BALANCER, MEMBERS, type MemberName, openStage, peerUrl, type Stage } from "../testing/simulated-hosts.ts";
import { eventually } from "../testing/test-hosts.ts";

let stage: Stage;
beforeEach(async () => {
  stage = openStage();
  await stage.driver.putLoadBalancer(BALANCER);
});
afterEach(async () => await stage.driver.close());

async function start(member: MemberName, instanceId: string, volumeId = `vol-${member}`): Promise<void> {
  await stage.driver.createVolume(volumeId, {});
  await stage.launch(member, instanceId);
  await stage.driver.attachVolume(instanceId, volumeId, "/dev/xvdf");
}

async function startAll(): Promise<void> {
  for (const member of MEMBERS) await start(member, `i-${member}`);
  for (const member of MEMBERS) await eventually(async () => (await stage.health(`i-${member}`)).healthy);
}

async function memberList(on: string): Promise<string[][]> {
  return (await stage.ask(on, "list-members"))
    .trimEnd()
    .split("\n")
    .map((line) => line.split(", "))
    .filter((fields) => fields.length > 1);
}

async function end(instanceId: string): Promise<void> {
  await stage.driver.shutdown(instanceId, "power-off");
  await stage.driver.detachVolume(instanceId, `vol-${instanceId.slice(2, 3)}`, { force: true });
  await stage.driver.destroy(instanceId);
}

test("three masters with their volumes become one cluster, and print what etcdctl would", async () => {
  await startAll();

  const [a, b, c] = await Promise.all(MEMBERS.map((member) => stage.health(`i-${member}`)));
  const members = await memberList("i-a");

  expect(a).toMatchObject({ member: "a", volume: "vol-a", generation: 1, healthy: true });
  expect([b, c]).toMatchObject([{ member: "b" }, { member: "c" }]);
  expect(members.map(([, state, name, url, client, learner]) => [state, name, url, client, learner])).toEqual(
    ["1", "2", "3"].map((n, index) => [
      "started",
      MEMBERS[index],
      `https://172.20.0.1${n}:2380`,
      `https://172.20.0.1${n}:2379`,
      "false",
    ]),
  );
});

test("one master alone waits for a majority and is not healthy", async () => {
  await start("a", "i-a");
  await eventually(async () => (await stage.health("i-a")).status !== null, 8_000);

  expect(await stage.health("i-a")).toMatchObject({ healthy: false });
}, 15_000);

test("a master whose volume is pulled serves nothing, and says why; on its own volume again it serves what it had", async () => {
  await startAll();
  const before = await memberList("i-a");

  await stage.driver.detachVolume("i-b", "vol-b", { force: true });
  await stage.driver.createVolume("vol-b2", { fromVolumeId: "vol-b" });
  await stage.driver.attachVolume("i-b", "vol-b2", "/dev/xvdg");
  const without = await stage.health("i-b");
  await eventually(
    async () => stage.heartbeats.at(-1)?.member === "b" && stage.heartbeats.at(-1)?.healthy === false,
    8_000,
  );
  const said = stage.heartbeats.at(-1);
  await stage.driver.attachVolume("i-b", "vol-b", "/dev/xvdf");
  await eventually(async () => (await stage.health("i-b")).healthy, 8_000);

  expect(without).toMatchObject({ healthy: false, status: null, volumeProblem: "volume vol-b is not attached" });
  expect(said).not.toHaveProperty("volumeId");
  expect(said).not.toHaveProperty("clusterId");
  expect(await memberList("i-b")).toEqual(before);
  const last = () => stage.heartbeats.findLast(({ member }) => member === "b");
  await eventually(async () => last()?.volumeId === "vol-b" && /^\d+$/.test(last()?.clusterId ?? ""), 8_000);
}, 30_000);

test("a master that is lost comes back on another instance as the same member, with what was agreed meanwhile", async () => {
  await startAll();
  const before = await memberList("i-a");
  await end("i-b");
  stage.parameters.set("/p/masters/b-volume", "vol-b 1 in-use");

  const addOns = Buffer.from("cilium\t-\n").toString("base64");
  // An API server begins a moment after its etcd is healthy.
  await eventually(() => stage.ask("i-a", "install-add-ons", { addOns }).then(() => true), 8_000);
  await start("b", "i-b2");
  await eventually(async () => (await stage.health("i-b2")).healthy);

  expect(await memberList("i-b2")).toEqual(before);
});

test.each([
  { what: "is blank", volume: "vol-blank", said: "refused: vol-blank is blank, but member a had data on it" },
  { what: "is another member's", volume: "vol-b", said: "belongs to 'uid b 1', not to 'uid a 1'" },
])("a host refuses a volume that $what", async ({ volume, said }) => {
  await startAll();
  await end("i-a");
  await end("i-b");
  stage.parameters.set("/p/masters/a-volume", `${volume} 1 in-use`);

  await start("a", "i-a2", volume);

  await eventually(async () => stage.driver.console("i-a2").includes(said));
  expect(await stage.ask("i-a2", "member-health")).toBe('{"member":null,"healthy":false,"status":null}\n');
});

test("a lost volume is renewed: out, in as a learner, promoted, all through another master", async () => {
  await startAll();
  const [former = ""] = (await memberList("i-a")).find(([, , name]) => name === "c") ?? [];
  await stage.driver.breakVolume("vol-c", "i-c");
  const renewal = { formerId: former, name: "c", peerUrl: peerUrl("c") };

  await stage.ask("i-a", "renew-member", renewal);
  await stage.ask("i-a", "renew-member", renewal);
  await end("i-c");
  stage.parameters.set("/p/masters/c-volume", "vol-c2 2 new");
  await start("c", "i-c2", "vol-c2");
  await eventually(async () =>
    (await memberList("i-a")).some(([, state, name]) => state === "started" && name === "c"),
  );
  const learning = await stage.health("i-c2");
  const progress = readProgress(await stage.ask("i-a", "member-progress"));
  const promoted = await stage.ask("i-a", "promote-member", { peerUrl: peerUrl("c") });
  const again = await stage.ask("i-a", "promote-member", { peerUrl: peerUrl("c") });

  expect(learning).toMatchObject({ generation: 2, healthy: false, status: [{ Status: { isLearner: true } }] });
  expect(progress).toHaveLength(4);
  expect(progress[0]).toHaveLength(3);
  expect(whyNotPromoted(progress, peerUrl("c").slice("https://".length, -":2380".length))).toBeUndefined();
  expect(promoted).toMatch(/^Member [0-9a-f]+ promoted\n$/);
  expect(again).toBe("a voter already\n");
  expect(await stage.health("i-c2")).toMatchObject({ healthy: true });
});

test("members leave and come back two at a time: out by one command, in as learners, and voters by one command", async () => {
  await startAll();
  const urls = `${peerUrl("b")} ${peerUrl("c")}`;
  const voters = async () =>
    (await memberList("i-a")).map(([, , name = "", , , learner]) => `${name}${learner === "true" ? "?" : ""}`);

  const removed = await stage.ask("i-a", "change-voters", { promote: "-", remove: urls, keeper: peerUrl("a") });
  const learners = { learners: `b=${peerUrl("b")} c=${peerUrl("c")}` };
  await stage.ask("i-a", "add-learners", learners);
  await stage.ask("i-a", "add-learners", learners);
  for (const name of ["b", "c"] as const) {
    await end(`i-${name}`);
    stage.parameters.set(`/p/masters/${name}-volume`, `vol-${name}2 2 new`);
    await start(name, `i-${name}2`, `vol-${name}2`);
  }
  await eventually(async () => (await voters()).join(" ") === "a b? c?");
  const changed = { promote: urls, remove: "-", keeper: peerUrl("a") };
  await stage.ask("i-a", "change-voters", changed);
  await stage.ask("i-a", "change-voters", changed);

  expect(removed.trimEnd().split("\n")).toHaveLength(1);
  expect(await voters()).toEqual(["a", "b", "c"]);
  expect(readMaxLearners(await stage.ask("i-a", "list-members"))).toBe(2);
});

test("without a majority no member can be taken out", async () => {
  await startAll();
  const [former = ""] = (await memberList("i-a")).find(([, , name]) => name === "c") ?? [];
  await end("i-b");
  await end("i-c");

  const attempt = stage.ask("i-a", "renew-member", { formerId: former, name: "c", peerUrl: peerUrl("c") });

  await expect(attempt).rejects.toThrow("deadline exceeded");
}, 15_000);

test("an etcd that hangs is not healthy, the others choose another leader, and it is healthy again once it continues", async () => {
  await startAll();

  expect(await stage.driver.signalProgram("i-a", "etcd", "SIGSTOP")).toBe(1);
  const hung = await stage.health("i-a");
  const others = await eventually(async () => (await stage.health("i-b")).healthy);
  await stage.driver.signalProgram("i-a", "etcd", "SIGCONT");

  // F4: its API server asks no other etcd.
  const kubernetes = { apiServer: false, boot: expect.stringMatching(/^(running|done)$/), rootFreeKiB: 1_000_000 };
  expect(hung).toEqual({ member: "a", volume: "vol-a", generation: 1, healthy: false, status: null, ...kubernetes });
  expect(others).toBe(true);
  await eventually(async () => (await stage.health("i-a")).healthy);
}, 15_000);

test("a member whose words do not reach the leader is not healthy, and the leader stays", async () => {
  await startAll();
  const leaderOf = async (on: MemberName) => (await stage.health(`i-${on}`)).status?.[0]?.Status.leader;
  const leader = await leaderOf("a");
  const list = await memberList("i-a");
  const [, , name = "a"] = list.find(([id = ""]) => Number(`0x${id}`) === leader) ?? [];
  const other = name === "a" ? "b" : "a";
  const address = new URL(peerUrl(name === "a" ? "a" : name === "b" ? "b" : "c")).hostname;

  await stage.driver.setBlocked(`i-${other}`, [address], true);
  const cut = await stage.health(`i-${other}`);

  expect(cut).toMatchObject({ healthy: false });
  expect(await leaderOf("c")).toBe(leader);
  await stage.driver.setBlocked(`i-${other}`, [address], false);
  await eventually(async () => (await stage.health(`i-${other}`)).healthy);
}, 15_000);

test("a volume in use lets go only by force, as a mounted one does", async () => {
  await startAll();

  expect(await stage.driver.detachVolume("i-a", "vol-a")).toBe(false);
  expect(await stage.driver.detachVolume("i-a", "vol-a", { force: true })).toBe(true);
});

test("a rebooted master finds its etcd and its place again without user data", async () => {
  await startAll();

  await stage.driver.shutdown("i-a", "graceful");
  await stage.driver.restart("i-a");

  await eventually(async () => (await stage.health("i-a")).healthy);
});

test("B1: a simulated host without a way out boots nothing and has no agent, until there is one", async () => {
  let isOpen = false;
  await stage.driver.createVolume("vol-a", {});
  await stage.launch("a", "i-a", { egress: () => isOpen });
  await stage.driver.attachVolume("i-a", "vol-a", "/dev/xvdf");
  await expect(stage.health("i-a")).rejects.toThrow("is not online");
  // User data only writes the unit that boots.
  expect(stage.driver.console("i-a")).toBe("Cloud-init finished\n");

  isOpen = true;
  expect(await eventually(() => stage.health("i-a"), 4_000)).toMatchObject({ member: "a", volume: "vol-a" });
  isOpen = false;
  await expect(stage.health("i-a")).rejects.toThrow("is not online");
});

test("R15: security groups decide whether etcd's peers and the load balancer reach a master", async () => {
  await startAll();
  const everywhere = { protocol: "-1", from: -1, to: -1, peers: ["0.0.0.0/0"] };
  const tcp = (port: number) => ({ protocol: "tcp", from: port, to: port, peers: ["172.20.0.0/16"] });
  const admit = async (...ingress: (typeof everywhere)[]): Promise<void> => {
    for (const member of MEMBERS) await stage.driver.setFirewall(`i-${member}`, { ingress, egress: [everywhere] });
  };
  const api = () => stage.driver.probe("vpc-1", "172.20.0.11", 6443, { timeoutMs: 100, from: "172.20.0.200" });

  await eventually(api);
  await admit(tcp(2379), tcp(2380));
  expect(await api()).toBe(false);
  expect((await stage.health("i-a")).healthy).toBe(true);

  await admit(tcp(2379), tcp(6443));
  await eventually(async () => !(await stage.health("i-a")).healthy, 15_000);

  await admit(everywhere);
  await eventually(async () => (await stage.health("i-a")).healthy, 8_000);
  await eventually(api);
}, 30_000);

test("1.10.5: a volume of before a restore, attached again by hand, is refused by its generation", async () => {
  await startAll();
  await end("i-c");
  stage.parameters.set("/p/masters/c-volume", "vol-c 2 in-use");

  await stage.launch("c", "i-c2");
  await stage.driver.attachVolume("i-c2", "vol-c", "/dev/xvdf");
  await eventually(async () => stage.driver.console("i-c2").includes("refused"));

  expect(stage.driver.console("i-c2")).toContain("refused: vol-c belongs to 'uid c 1', not to 'uid c 2'");
});

import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { memberList } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { LeaseLost, MemberStranded, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { ownerTags, parameterName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { issueAuthorities } from "../../pki/pki.ts";
import { moveMember } from "./move-member.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "a" };
const env = { LIST_MEMBERS_DOCUMENT: "list-members", RENEW_MEMBER_DOCUMENT: "renew-member" };
const FLAGS = { "--zones": "us-west-2a,us-west-2b,us-west-2c,us-west-2d", "--master-zone-fallback": "move" };
const STRANDED = { since: "2026-11-29T10:00:00.000Z", reason: "no capacity" };
const AUTHORITIES = JSON.stringify(await issueAuthorities(new Date("2026-11-29T11:00:00Z")));

/** The zone of `a` has launched nothing for two hours. */
function newStage({ operation = "repair-1", targetTags = true } = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation }, FLAGS);
  const owner = ownerOf(cluster);
  const gone = memberRecord("a", { health: "unhealthy", instanceId: null, stranded: STRANDED });
  const members = [gone, memberRecord("b"), memberRecord("c")];
  const account = new Account(cluster, members);
  account.parameters.set(parameterName.authorities(owner), AUTHORITIES);
  const addresses = Object.fromEntries(cluster.plan.members.map(({ name, address }) => [name, address]));
  const made = {
    renewed: new Map<string, unknown>(),
    zones: new Map<string, string>(),
    targets: new Set([addresses["a"]]),
    templates: new Set<string>(),
    volumes: new Set<string>(),
  };
  account.host = ({ document, parameters }) => {
    if (document === "list-members") return { ok: true, output: memberList(addresses) };
    made.renewed.set(parameters["name"]?.[0] ?? "", parameters);
    return { ok: true, output: "" };
  };
  const aws = {
    ...account.calls,
    nextVolume: async (
      _: unknown,
      wanted: { readonly member: string; readonly generation: number; readonly zone: string },
    ) => {
      made.volumes.add(`vol-${wanted.member}-${wanted.generation} in ${wanted.zone}`);
      return `vol-${wanted.member}-${wanted.generation}`;
    },
    ensureInterface: async () => ({ interfaceId: "eni-new", address: "172.20.99.9" }),
    ensureMemberAddress: async () => "eipalloc-a",
    readdressTemplate: async (_: unknown, name: string) => void made.templates.add(name),
    setGroupZone: async (_: string, zone: string) => void made.zones.set("a", zone),
    tagsOfTargetGroup: async () => (targetTags ? ownerTags(owner, "target-group") : {}),
    replaceTarget: async (_: unknown, former: string, address: string) => {
      made.targets.delete(former);
      made.targets.add(address);
    },
  };
  return { store: new MemoryStore(cluster, members), aws, env, account, made };
}

test("the member is put back as a learner in another zone, with a volume and an address of there", async () => {
  const stage = newStage();

  await run(moveMember, stage, INPUT);

  expect(stage.made.volumes).toEqual(new Set(["vol-a-2 in us-west-2d"]));
  expect(stage.made.zones.get("a")).toBe("us-west-2d");
  expect(stage.made.targets).toEqual(new Set(["172.20.99.9"]));
  expect(stage.made.renewed.get("a")).toMatchObject({ formerId: ["b"], peerUrl: ["https://172.20.99.9:2380"] });
  expect(stage.store.member("a")).toMatchObject({
    volumeId: "vol-a-2",
    interfaceId: "eni-new",
    generation: 2,
    home: 2,
    stranded: null,
    formerResources: [{ zone: "us-west-2a", volumeId: "vol-a", interfaceId: "eni-a", retryAt: 0 }],
  });
  const { plan } = await stage.store.getCluster(NAME);
  expect(plan.members.find(({ name }) => name === "a")).toMatchObject({ zone: "us-west-2d", address: "172.20.99.9" });
});

test("every master that is launched from now on knows the new address", async () => {
  const stage = newStage();

  await run(moveMember, stage, INPUT);

  expect(stage.made.templates.size).toBe(3);
});

test("a member whose group has launched an instance after all stays", async () => {
  const stage = newStage();
  stage.account.launch("a", "i-late");

  await expect(run(moveMember, stage, INPUT)).rejects.toThrow(MemberStranded);
  expect(stage.made.volumes.size).toBe(0);
});

test("a member that is not stranded any more stays", async () => {
  const stage = newStage();
  await stage.store.updateMember(NAME, "a", { stranded: null });

  await expect(run(moveMember, stage, INPUT)).rejects.toThrow(MemberStranded);
});

test("targets of a group that is another's are not touched", async () => {
  const stage = newStage({ targetTags: false });

  await expect(run(moveMember, stage, INPUT)).rejects.toThrow(OwnershipConflict);
});

test("an operation that no longer holds the cluster changes no plan", async () => {
  const stage = newStage({ operation: "delete-1" });

  await expect(run(moveMember, stage, INPUT)).rejects.toThrow(LeaseLost);
  expect(stage.made.renewed.size).toBe(0);
});

test("a run whose answer was lost has moved the member: the next one moves it nowhere, and says so", async () => {
  const stage = newStage();
  await run(moveMember, stage, INPUT);
  stage.store.events.clear();
  const sent = stage.account.commands.length;

  await run(moveMember, stage, INPUT);

  expect(stage.account.commands).toHaveLength(sent);
  expect(stage.store.member("a")?.formerResources).toHaveLength(1);
  expect(stage.store.eventTypes()).toEqual(["member-moved"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(moveMember, newStage, INPUT);
});

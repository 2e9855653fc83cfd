import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { memberList } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { renewMember } from "./renew-member.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "b" };
const env = { LIST_MEMBERS_DOCUMENT: "list-members", RENEW_MEMBER_DOCUMENT: "renew-member" };

/** The volume of `b` is lost; its group has launched an instance that waits for it. */
function newStage({ damaged = false } = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1" });
  const damage = damaged ? { volumeId: "vol-b", reason: "wal: crc mismatch" } : null;
  const members = [memberRecord("a"), memberRecord("b", { health: "unhealthy", damage }), memberRecord("c")];
  const account = new Account(cluster, members);
  account.launch("b", "i-waiting");
  const addresses = Object.fromEntries(cluster.plan.members.map(({ name, address }) => [name, address]));
  const made = { renewed: new Map<string, string>(), volumes: new Set<string>(), tagged: new Set<string>() };
  account.host = ({ document, parameters }) => {
    if (document === "list-members") return { ok: true, output: memberList(addresses) };
    made.renewed.set(parameters["name"]?.[0] ?? "", parameters["formerId"]?.[0] ?? "");
    return { ok: true, output: "" };
  };
  const aws = {
    ...account.calls,
    nextVolume: async (
      _: unknown,
      { member, generation }: { readonly member: string; readonly generation: number },
    ) => {
      made.volumes.add(`vol-${member}-${generation}`);
      return `vol-${member}-${generation}`;
    },
    tagDamaged: async (volumeId: string) => void made.tagged.add(volumeId),
  };
  return { store: new MemoryStore(cluster, members), aws, env, account, addresses, made };
}

test("the member is taken out by its id and put back with a fresh volume of the next generation", async () => {
  const stage = newStage();

  await run(renewMember, stage, INPUT);

  expect(stage.made.renewed).toEqual(new Map([["b", "16"]]));
  expect(stage.store.member("b")).toMatchObject({ volumeId: "vol-b-2", generation: 2, instanceId: "i-waiting" });
  expect([...stage.account.parameters.values()]).toEqual(["vol-b-2 2 new"]);
});

test("whom to take out is written down first: a second run takes out nobody else", async () => {
  const stage = newStage();
  stage.account.host = ({ document }) =>
    document === "list-members"
      ? { ok: true, output: memberList(stage.addresses) }
      : { ok: false, output: "no leader" };
  await expect(run(renewMember, stage, INPUT)).rejects.toThrow("no leader");
  expect(stage.store.member("b")?.renewal).toMatchObject({ formerId: "16", generation: 2, volumeId: "vol-b-2" });
  const sent = stage.account.commands.length;

  await expect(run(renewMember, stage, INPUT, { begun: AGAIN })).rejects.toThrow(NotReadyYet);

  const later = stage.account.commands.slice(sent);
  expect(later.map(({ document }) => document)).toEqual(["renew-member"]);
  expect(later[0]?.parameters["formerId"]).toEqual(["16"]);
});

test("a damaged volume is kept, and says so itself", async () => {
  const stage = newStage({ damaged: true });

  await run(renewMember, stage, INPUT);

  expect(stage.made.tagged).toEqual(new Set(["vol-b"]));
});

test("a member that etcd does not list is not taken out", async () => {
  const stage = newStage();
  stage.account.host = () => ({ ok: true, output: memberList({ a: "10.0.0.1" }) });

  await expect(run(renewMember, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.made.volumes.size).toBe(0);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(renewMember, newStage, INPUT);
});

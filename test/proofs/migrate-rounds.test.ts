import { expect, test } from "vitest";
import { untilDone } from "../crash-sweep/flow.ts";
import { membersInEtcd } from "../crash-sweep/members-in-etcd.ts";
import { compareMembers, compareSnapshots, hasMigrated } from "../crash-sweep/migrate-flows.ts";
import { openWorld, THREE_ZONES } from "../crash-sweep/world.ts";
import { listResources } from "../support/account.ts";

const [A = "", B = "", C = ""] = THREE_ZONES;
const ROUNDS = 10;
const NAME = "rounds.example.com";

test(`4.5.5: ${ROUNDS} rounds 3 → 1 → 3 → 5 → 3: etcd has exactly the members, ids all differ, no volume but theirs is left`, {
  timeout: 1_800_000,
}, async () => {
  await using world = await openWorld(console.log);
  const migrate = async (...masterZones: string[]): Promise<string[]> => {
    await world.request("POST", `/clusters/${NAME}/migrate`, { masterZones });
    await untilDone(world, NAME, (state) => hasMigrated(state, masterZones));
    expect([...(await compareMembers(world, NAME)), ...(await compareSnapshots(world, NAME))]).toEqual([]);
    return (await membersInEtcd(world, await world.members(NAME))).map(({ id }) => id);
  };
  await world.create(NAME);
  await untilDone(world, NAME, (state) => hasMigrated(state, THREE_ZONES));
  const ids = new Set((await membersInEtcd(world, await world.members(NAME))).map(({ id }) => id));

  for (let round = 0; round < ROUNDS; round++)
    for (const zones of [[A], [A, B, C], [A, B, C, A, B], [A, B, C]])
      for (const id of await migrate(...zones)) ids.add(id);

  const members = (await world.members(NAME)).map(({ member }) => member);
  // Two new members for three, and two for five: each has an id of its own, and a letter that nobody had.
  expect(ids.size).toBe(3 + 4 * ROUNDS);
  expect(members).toEqual(["a", "an", "ao"]);
  const ofMasters = (await listResources(world.cloud))
    .filter(({ uid, kind }) => uid !== undefined && ["volume", "scaling-group", "template"].includes(kind))
    .map(({ kind, name = "" }) => `${kind} ${name.replace(/\/\d+$/, "")}`)
    .filter((line) => / volume\/|master-/.test(line) && !line.includes("root-of/"));
  expect(ofMasters.toSorted()).toEqual(
    ["scaling-group group/master-", "template launch-template/master-", "volume volume/"].flatMap((kind) =>
      members.map((member) => `${kind}${member}`),
    ),
  );
});

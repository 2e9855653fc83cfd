import { expect, test } from "vitest";
import { specOf, UID } from "../../../test/support/steps/records.ts";
import { beginTakeover, explainMisfit, takeoverWarnings, whyNoTakeover, whyNotThisWay } from "./takeover.ts";

const from = { cluster: "prod.example.com", uid: UID, backup: "2026-11-29T115900Z-4f1c" };
const gone = { from, name: "new.example.com", onRecord: false, instances: [], groups: [], takenBy: undefined };
const file = {
  ...{ key: "clusters/prod.example.com/x/b/snapshot.db.gz", sha256: "a".repeat(64), bytes: 10, revision: 4193 },
  ...{ keys: null, totalSize: 4096, takenAt: "2026-11-29T11:59:00.000Z" },
};

test("17.5: neither way is guessed: both are explained, and a copy is refused with its reason", () => {
  expect(whyNotThisWay("latest", undefined)?.message).toBe(
    "--from-backup: say in which way. --takeover: the source is permanently gone; the new cluster has its authorities, so its tokens and kubeconfigs keep working. --copy: a second cluster beside a source that lives on, with new authorities; not built yet.",
  );
  expect(whyNotThisWay("latest", "copy")?.message).toBe(
    "--from-backup: --copy is not built yet: both clusters' controllers would fight for the same volumes and load balancers. If the source is permanently gone, use --takeover.",
  );
  expect(whyNotThisWay("latest", "takeover")).toBeUndefined();
});

test.each([
  ["permanently gone", {}, undefined],
  ["the same name, once it is free", { name: "prod.example.com" }, undefined],
  ["instances run", { instances: ["i-1", "i-2"] }, "prod.example.com is not gone: i-1, i-2 are not terminated."],
  [
    "groups would launch it again",
    { groups: ["a.masters.prod.example.com.1"] },
    "its Auto Scaling groups a.masters.prod.example.com.1 would launch it again",
  ],
  ["on record under another name", { onRecord: true }, undefined],
  ["on record under this name", { onRecord: true, name: "prod.example.com" }, "prod.example.com is on record still."],
  ["taken over before", { takenBy: "other.example.com" }, "has been taken over by other.example.com already"],
  ["the same takeover again", { takenBy: "new.example.com" }, undefined],
])("17.5: the source is %s: %#", (_, change, why) => {
  const said = whyNoTakeover({ ...gone, ...change });

  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(why);
});

test("17.5: the network and the minor of Kubernetes stay as they were; sizes may change", () => {
  const { spec } = specOf({ "--networking": "cilium" });

  expect(explainMisfit(spec, specOf({ "--networking": "cilium", "--node-count": "9" }).spec)).toEqual([]);
  expect(explainMisfit(spec, specOf({ "--networking": "calico" }).spec).map(({ flag }) => flag)).toEqual([
    "--networking",
  ]);
  expect(explainMisfit({ ...spec, kubernetesVersion: "1.30" }, spec).map(({ flag }) => flag)).toEqual([
    "--kubernetes-version",
  ]);
});

test("17.5: the new cluster is another one of etcd, and skips what clients may have seen since", () => {
  const now = new Date("2026-12-29T11:59:00.000Z");
  const manifest = { id: from.backup, etcd: { clusterId: "77" } } as never;

  expect(beginTakeover({ uid: "01new", operation: "create-1", manifest, file, endpoint: "api-1" }, now)).toEqual({
    operation: "create-1",
    from: { kind: "backup", id: from.backup },
    epoch: 1,
    token: "01new.1",
    bump: 7_776_000_000,
    startedAt: "2026-12-29T11:59:00.000Z",
    heldAt: 0,
    file,
    formerClusterId: "77",
    checked: false,
    serving: false,
    takeover: { endpoint: "api-1", hostsForgotten: false },
  });
});

test("17.5: the plan says what is lost, what stays behind, and which kubeconfigs keep working", () => {
  const now = new Date("2026-11-29T12:09:00.000Z");
  const endpoint = { host: "api-1", name: "api.prod.example.com" };

  const same = takeoverWarnings({ from, file, endpoint, name: "prod.example.com" }, now);
  const other = takeoverWarnings({ from, file, endpoint, name: "new.example.com" }, now);

  expect(same[0]).toBe(
    `takes over prod.example.com (uid ${UID}) from its backup 2026-11-29T115900Z-4f1c, revision 4193. Lost: an unknown number of revisions, everything since 2026-11-29T11:59:00.000Z (10 min ago).`,
  );
  expect(same[1]).toContain("stay behind");
  expect(same.at(-1)).toBe("tokens and kubeconfigs of before keep working, under api.prod.example.com");
  expect(other.at(-1)).toContain("kubeconfigs need the new endpoint");
});

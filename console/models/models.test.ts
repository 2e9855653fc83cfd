import { describe, expect, test } from "vitest";
import { CLUSTER_EXAMPLE, OPERATION_EXAMPLE, RESTORE_PLAN_EXAMPLE } from "../../functions/domain/api/examples.ts";
import { lossText } from "../../functions/domain/restore/loss.ts";
import { BACKUPS, CLUSTERS, CREATION, EVENTS, healthyCluster, REPAIR } from "../../test/support/console/fixtures.ts";
import { mayDo, shortName } from "./access.ts";
import { actorOf, newestFirst } from "./activity.ts";
import { backupRow, lossSentence } from "./backups.ts";
import { changesOf, costChange, patchOf, typedValue, withField } from "./change.ts";
import { byAttention, filterClusters, mastersText, quorumSentence, summaryOf } from "./cluster.ts";
import { drawZones } from "./drawing.ts";
import { lanesOf, waitingFor } from "./timeline.ts";
import { windowOf } from "./window.ts";
import { ageText, labelOf, plain, sizeText } from "./words.ts";

describe("words", () => {
  test("losses are said as the command line says them", () => {
    expect(lossSentence(RESTORE_PLAN_EXAMPLE)).toBe(lossText(RESTORE_PLAN_EXAMPLE));
    expect(lossSentence(RESTORE_PLAN_EXAMPLE)).toBe(
      "Lost: 57 revisions, everything since 2026-11-29T03:15:02.000Z (7 min ago).",
    );
  });

  test.each([
    [1_000, "now"],
    [40_000, "40 s"],
    [240_000, "4 min"],
    [7_300_000, "2 h"],
    [190_000_000, "2 d"],
  ])("%d ms is %s", (milliseconds, expected) => {
    expect(ageText(milliseconds)).toBe(expected);
  });

  test.each([
    ["masterZoneFallbackMinutes", "Master zone fallback (minutes)"],
    ["nodeRootVolumeGiB", "Node root volume (GiB)"],
    ["dnsZone", "DNS zone"],
    ["name", "Name"],
  ])("the label of %s is %s", (field, expected) => {
    expect(labelOf(field)).toBe(expected);
  });

  test("escapes of terminals are taken out, and what turns text around is shown as no character", () => {
    expect(plain("\u001b[31mred\u001b[0m \u202etxt")).toBe("red \ufffdtxt");
    expect([sizeText(512), sizeText(5_242_880), sizeText(24_000_000)]).toEqual(["512 B", "5.2 MB", "24 MB"]);
  });
});

describe("clusters", () => {
  test.each([
    ["prod.example.com", "3 of 3 agree, leader b. Survives the loss of any one zone."],
    ["stage.example.com", "2 of 3 agree, leader a. No further loss is survived until all are back."],
    ["edge-singapore.example.com", "No quorum: 1 of 3 agrees, and 2 are needed."],
  ])("the quorum of %s in a sentence", (name, expected) => {
    expect(CLUSTERS.filter((each) => each.name === name).map(quorumSentence)).toEqual([expected]);
  });

  test("a single master survives nothing, and the sentence says what happens", () => {
    const [only] = CLUSTER_EXAMPLE.members;
    if (!only) throw new Error("the example has members");
    const single = healthyCluster("one", {
      members: [only],
      quorum: { size: 1, healthy: 1, needed: 1, leader: "a" },
    });

    expect(quorumSentence(single)).toBe(
      "1 of 1 agrees, leader a. Its only master is replaced by itself; meanwhile the API is away.",
    );
  });

  test("what needs a person comes first, and is counted first", () => {
    expect(CLUSTERS.toSorted(byAttention).map(({ status }) => status)).toEqual([
      "FAILED",
      "DEGRADED",
      "REPAIRING",
      "ACTIVE",
    ]);
    expect(summaryOf(CLUSTERS)).toBe("4 clusters: 1 failed, 1 degraded, 1 repairing, 1 active");
    expect(summaryOf([])).toBe("0 clusters");
    expect(CLUSTERS.map(mastersText)).toEqual(["leader b", "2 of 3, not b", "2 of 3, not c", "1 of 3, not b, c"]);
  });

  test.each([
    ["PROD", ["prod.example.com"]],
    ["degraded us-west-2a", ["edge-singapore.example.com"]],
    ["nowhere", []],
  ])("the filter %s", (filter, expected) => {
    expect(filterClusters(CLUSTERS, filter).map(({ name }) => name)).toEqual(expected);
  });

  test("a member is drawn as what stays, with the instance that is away and what is done about it", () => {
    const stage = CLUSTERS.find(({ name }) => name === "stage.example.com");
    if (!stage) throw new Error("there is no stage");
    const [, zone] = drawZones(stage, REPAIR);

    expect(zone).toEqual({
      zone: "us-west-2b",
      members: [
        {
          name: "b",
          isLeader: false,
          volume: "vol-0bbbbbbbbbbbbbbbb",
          address: "172.20.128.10",
          instance: null,
          health: { mark: "◐", word: "pending", tone: "busy" },
          doing: "etcd of b catches up: revision 4,102 of 4,250",
        },
      ],
      nodes: [{ name: "ip-172-20-33-11", ready: true }],
      missing: 0,
    });
  });
});

describe("operations", () => {
  test("steps of several members stand side by side, in the order in which they began", () => {
    const lanes = lanesOf(CREATION, Date.parse(CREATION.startedAt) + 1_000_000);

    expect(lanes.map(({ name, member, took }) => `${name} ${member} ${took}`)).toEqual([
      "Validate account null 3s",
      "Create network null 1m16s",
      "Create identity null 8s",
      "Issue PKI null 4s",
      "Prepare member a 40s",
      "Prepare member b 49s",
      "Prepare member c 58s",
      "Await instance a 51s",
      "Await instance b 1m11s",
      "Await instance c 3m53s",
    ]);
    for (const { from, width } of lanes) expect(from + width).toBeLessThanOrEqual(100.001);
    expect(lanes.at(-1)?.from).toBeCloseTo(38.7, 1);
  });

  test("what an operation waits for, and since when; nothing once it has ended", () => {
    const waiting = Date.parse(OPERATION_EXAMPLE.steps[1]?.startedAt ?? "") + 12_000;

    expect(waitingFor(OPERATION_EXAMPLE, waiting)).toBe(
      "Await instance (a), for 12s: the group of master a has launched no instance yet",
    );
    expect(waitingFor(CREATION, waiting)).toBeNull();
  });
});

describe("backups", () => {
  test("a drill is a mark with a word, and so is none", () => {
    const rows = BACKUPS.map((backup) => backupRow(backup, Date.now()));

    expect(rows.map(({ drill }) => drill.word)).toEqual(["not tried", "restored in 3 min, 22 h ago", "not tried"]);
    expect(rows.map(({ history }) => history)).toEqual([null, null, "before a restore"]);
    expect(rows[0]).toMatchObject({ age: "4 min", size: "5.2 MB", revision: "4,193", pinned: false });
  });
});

describe("changes", () => {
  const field = { name: "nodeCount", kind: "number", description: "", required: false } as const;

  test("a change is the fields that differ, whole, and null for one that was taken out", () => {
    const from = {
      version: 1,
      zones: ["a"],
      nodeCount: 3,
      image: "x",
      networking: { requested: "weave", used: "cilium" },
    };
    const to = { zones: ["a"], nodeCount: 6, networking: { used: "cilium", requested: "weave" } };

    expect(changesOf(from, to)).toEqual([
      { field: "nodeCount", from: "3", to: "6" },
      { field: "image", from: "x", to: "" },
    ]);
    expect(patchOf(from, to)).toEqual({ nodeCount: 6, image: null });
  });

  test("what was typed is a value, and what is none is left to the API to refuse", () => {
    expect(withField({ nodeCount: 3 }, field, " 6 ")).toEqual({ nodeCount: 6 });
    expect(withField({ nodeCount: 3 }, field, "")).toEqual({});
    expect(typedValue(field, "six")).toBe("six");
    expect(typedValue({ kind: "list" }, "a, b c")).toEqual(["a", "b", "c"]);
    expect([costChange(100, 112.4), costChange(112.4, 100), costChange(1, 1), costChange(null, 1)]).toEqual([
      "+$12.40 a month",
      "−$12.40 a month",
      null,
      null,
    ]);
  });
});

describe("access", () => {
  test.each([
    ["*", "delete", "prod.example.com", true],
    ["*.dev.example.com", "delete", "a.dev.example.com", true],
    ["*.dev.example.com", "delete", "a.dev.example.com.evil.test", false],
    ["prod*com", "delete", "prod.example.com", true],
    ["aa*aa", "delete", "aaa", false],
    ["*", "create", null, false],
  ] as const)("a grant to delete %s: %s %s is %s", (clusters, action, cluster, expected) => {
    expect(mayDo({ grants: [{ actions: ["read", "delete"], clusters }] }, action, cluster)).toBe(expected);
  });

  test("who did something, and by which way", () => {
    expect(newestFirst(EVENTS.map((event) => ({ ...event, cluster: "x" }))).map(actorOf)).toEqual([
      "Holdfast itself",
      "Holdfast itself",
      "Holdfast itself",
      "Holdfast itself",
      "alice, command line",
    ]);
    expect(shortName("jwt:sub=ada")).toBe("ada");
  });
});

test("of a long list only what can be seen is drawn", () => {
  expect(windowOf(500, 46, 4600, 800)).toEqual({ first: 92, last: 126, above: 4232, below: 17_204 });
  expect(windowOf(3, 46, 0, 800)).toEqual({ first: 0, last: 3, above: 0, below: 0 });
  expect(windowOf(3, 46, 90_000, 800)).toEqual({ first: 0, last: 3, above: 0, below: 0 });
});

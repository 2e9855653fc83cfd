import { expect, test } from "vitest";
import { evaluateGroup, explainDrift, type GroupFacts } from "./group-drift.ts";

const intact: GroupFacts = {
  name: "a.masters.x.example.com.12345678",
  uid: "u1",
  minSize: 1,
  maxSize: 1,
  desired: 1,
  launchTemplateId: "lt-1",
  suspended: [],
  instances: [{ instanceId: "i-1", lifecycleState: "InService", healthy: true }],
};
const held = { instanceId: "i-0", lifecycleState: "Terminating:Wait", healthy: false };

test.each<[string, Partial<GroupFacts>, string[], string | undefined]>([
  ["a group as it was made", {}, ["i-1"], undefined],
  ["C10: desired 0", { minSize: 0, desired: 0 }, [], "its group has min 0, max 1, desired 0"],
  ["C10: it may shrink", { minSize: 0 }, ["i-1"], "its group has min 0, max 1, desired 1"],
  ["C10: it may grow", { maxSize: 2 }, ["i-1"], "its group has min 1, max 2, desired 1"],
  ["C10: nothing desired", { desired: 0 }, [], "its group has min 1, max 1, desired 0"],
  ["C10: desired 2", { maxSize: 2, desired: 2 }, ["i-1"], "its group has min 1, max 2, desired 2"],
  [
    "C6: launches suspended",
    { suspended: [{ process: "Launch", reason: "24 hours of failures" }] },
    ["i-1"],
    "its group has Launch suspended",
  ],
  [
    "C11: a dead instance at a terminate hook",
    { instances: [held] },
    ["i-1"],
    "i-0 has ended and is held by a terminate hook",
  ],
  [
    "all of it at once",
    {
      desired: 0,
      suspended: [
        { process: "Launch", reason: "by hand" },
        { process: "Terminate", reason: "by hand" },
      ],
      instances: [held],
    },
    [],
    "its group has min 1, max 1, desired 0; its group has Launch, Terminate suspended; i-0 has ended and is held by a terminate hook",
  ],
  ["a living instance at a terminate hook", { instances: [held] }, ["i-0"], undefined],
  ["an instance that ends by itself", { instances: [{ ...held, lifecycleState: "Terminating" }] }, [], undefined],
])("%s", (_, change, running, expected) => {
  const drift = evaluateGroup({ ...intact, ...change });

  expect(explainDrift(drift, (id) => running.includes(id))).toBe(expected);
});

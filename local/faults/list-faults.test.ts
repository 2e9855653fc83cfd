import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod";
import { explainRefusal } from "./explain-refusal.ts";
import { FAULTS, faultsText } from "./list-faults.ts";
import { FaultRequestSchema } from "./request.ts";

test("without words the faults are listed, each with its actions and its target", () => {
  const text = faultsText(undefined);

  expect([...FAULTS.keys()]).toEqual(["api", "capacity", "events", "host", "lambda", "volume", "zone"]);
  expect(text).toContain("volume ACTION [TARGET]\n  actions  lose, error, corrupt, stuck-attaching, stuck-detaching\n");
  expect(text).toContain("  target   CLUSTER/MEMBER, or the id of a volume\n");
  expect(faultsText("zone")).not.toContain("volume ACTION");
  expect(faultsText("moon")).toBe(
    "There is no fault of the kind moon. Kinds: api, capacity, events, host, lambda, volume, zone.\n",
  );
});

test("every action that can be asked for is described in FAULTS.md", () => {
  const described = readFileSync(new URL("../FAULTS.md", import.meta.url), "utf8");

  const missing = [...FAULTS].flatMap(([kind, actions]) =>
    actions.filter((action) => !new RegExp(`\`${kind} [^|]*\\b${action}\\b`).test(described)),
  );
  expect(missing).toEqual([]);
});

test.each([
  [
    { kind: "moon", action: "eclipse" },
    "There is no such kind of fault. Kinds: api, capacity, events, host, lambda, volume, zone.",
  ],
  [{ kind: "zone", action: "nonsense", zone: "us-west-2a" }, "action: expected one of power, network."],
  [{ kind: "host", action: "terminate" }, "A target is missing: CLUSTER/MEMBER, or an id (instanceId)."],
  [{ kind: "zone", action: "power", zone: "us-west-2a", days: 1 }, "The request has no member days."],
  [{ kind: "events", action: "delay", delayMs: "long" }, "delayMs: expected number."],
])("what is wrong with %j is said in words", (request, words) => {
  const { error } = FaultRequestSchema.safeParse(request);

  expect(error instanceof z.ZodError && explainRefusal(error)).toBe(words);
});

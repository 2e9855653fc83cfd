import { expect, test } from "vitest";
import { recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { FaultRegistry } from "./registry.ts";
import { type FaultRequest, FaultRequestSchema } from "./request.ts";

function throttle(limits: object): FaultRequest {
  return FaultRequestSchema.parse({ kind: "api", action: "throttle", ...limits });
}

/** Begins a fault, and gives it `chances`; returns at which of them it struck. */
async function strikesOf(limits: object, chances: number): Promise<number[]> {
  const registry = new FaultRegistry(recordingContext(new VirtualClock()));
  const struck: number[] = [];
  await registry.begin(throttle(limits), async (control) => {
    for (let chance = 1; chance <= chances; chance += 1) if (control.strikes("now")) struck.push(chance);
    return () => {};
  });
  return struck;
}

test.each([
  [{}, [1, 2, 3, 4]],
  [{ count: 2 }, [1, 2]],
  [{ nth: 3 }, [3]],
  [{ nth: 2, count: 2 }, [2, 3]],
])("with %o it strikes at %o of four chances", async (limits, expected) => {
  expect(await strikesOf(limits, 4)).toEqual(expected);
});

test("a fault by chance strikes alike with the same seed, and about as often as it should", async () => {
  const first = await strikesOf({ probability: 0.3, seed: 7 }, 1000);
  const again = await strikesOf({ probability: 0.3, seed: 7 }, 1000);
  const other = await strikesOf({ probability: 0.3, seed: 8 }, 1000);

  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  expect(first.length).toBeGreaterThan(250);
  expect(first.length).toBeLessThan(350);
});

test("a fault ends after its time, and says so", async () => {
  const clock = new VirtualClock();
  const registry = new FaultRegistry(recordingContext(clock));
  let undone = 0;
  const count = () => {
    undone += 1;
  };
  await registry.begin(throttle({ durationMs: 5_000 }), async () => count);

  await clock.advance(4_999);
  expect(registry.list()).toMatchObject([{ id: "fault-1", state: "active" }]);
  await clock.advance(1);

  expect(undone).toBe(1);
  expect(registry.list()).toMatchObject([
    { state: "ended", reason: "duration", startedAt: "2026-11-22T12:00:00.000Z", endedAt: "2026-11-22T12:00:05.000Z" },
  ]);
});

test("a fault that is ended by hand is undone once, and stays in the list", async () => {
  const registry = new FaultRegistry(recordingContext(new VirtualClock()));
  let undone = 0;
  const count = () => {
    undone += 1;
  };
  await registry.begin(throttle({}), async () => count);

  expect(await registry.end(() => true)).toEqual(["fault-1"]);
  expect(await registry.end(() => true)).toEqual([]);

  expect(undone).toBe(1);
  expect(registry.list()).toMatchObject([{ state: "ended", reason: "request" }]);
});

test("a fault that could not start leaves nothing behind", async () => {
  const registry = new FaultRegistry(recordingContext(new VirtualClock()));

  await expect(registry.begin(throttle({}), () => Promise.reject(new Error("no such host")))).rejects.toThrow(
    "no such host",
  );

  expect(registry.list()).toEqual([]);
});

test.each([
  [{ kind: "disk" }, "kind"],
  [{ kind: "api", action: "error" }, "code"],
  [{ kind: "events", action: "drop", detailtype: "x" }, "detailtype"],
  [{ kind: "host", action: "freeze" }, "instanceId"],
])("%o is refused, and the refusal names %s", (request, member) => {
  const { error } = FaultRequestSchema.safeParse(request);

  expect(JSON.stringify(error?.issues)).toContain(member);
});

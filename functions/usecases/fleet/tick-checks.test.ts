import { describe, expect, test } from "vitest";
import { RolloutStage } from "../../../test/support/fleets/rollout-stage.ts";
import { NotAllowed } from "../../domain/cluster/errors.ts";
import { applyAction } from "../../domain/fleet/rollout-actions.ts";
import { startRollback } from "../../domain/fleet/rollout-start.ts";
import { toRolloutView } from "../../domain/fleet/rollout-view.ts";
import { Strategy } from "../../domain/fleet/strategy.ts";

const SMOKE = { gate: "checks", name: "smoke" };
const URL_CHECK = { gate: "checks", name: "web", url: "https://app.example.com/healthz" };
const LABELS = { c001: { env: "dev" }, c002: { env: "prod" } };

/** Two stages: these gates are after the first and before the second. */
async function begin(after: readonly object[], before: readonly object[] = []) {
  const stage = new RolloutStage(LABELS);
  await stage.start({ name: "dev", selector: "env=dev", after }, { name: "prod", before });
  return stage;
}

async function minutes(stage: RolloutStage, count: number) {
  for (let minute = 0; minute < count; minute++) await stage.tick();
}

describe("5.3: a check that somebody reports", () => {
  test("is waited for after a stage and before the next one, each by its name, and counts once", async () => {
    const stage = await begin([SMOKE], [{ ...SMOKE, name: "load" }]);

    expect(await stage.run()).toMatchObject({
      state: "waiting-check",
      reason: "stage dev has ended, and waits for the check smoke, which an operator reports",
    });
    expect(toRolloutView(await stage.record())).toMatchObject({
      pendingCheck: { stage: "dev", when: "after", name: "smoke", by: "operator" },
      pendingApproval: null,
    });
    await expect(stage.ask({ action: "check", name: "load", passed: true })).rejects.toThrow(
      "it is waiting-check, and does not wait for check load",
    );
    await expect(stage.ask({ action: "check", name: "other", passed: true })).rejects.toThrow("it has no check other");
    for (const _ of [1, 2]) await stage.ask({ action: "check", name: "smoke", passed: true, message: "build 7" });
    expect((await stage.run()).reason).toBe("stage prod waits for the check load, which an operator reports");
    expect(stage.endpoint.changed).toEqual(["c001"]);
    await stage.ask({ action: "check", name: "load", passed: true });

    expect((await stage.run()).state).toBe("done");
    expect((await stage.record()).checks.map(({ name, by, message }) => [name, by, message])).toEqual([
      ["smoke", "ada", "build 7"],
      ["load", "ada", null],
    ]);
    expect(stage.asked).toEqual([]);
  });

  test("that has failed stops the roll-out with its words, and is asked for again when it resumes", async () => {
    const stage = await begin([SMOKE]);
    await stage.run();

    for (const _ of [1, 2]) await stage.ask({ action: "check", name: "smoke", passed: false, message: "2 of 9 pages" });

    expect(await stage.record()).toMatchObject({
      state: "stopped",
      reason: "check smoke of stage dev failed, as ada reported: 2 of 9 pages",
    });
    await minutes(stage, 3);
    expect([(await stage.record()).checks.length, stage.endpoint.changed]).toEqual([1, ["c001"]]);
    await stage.ask({ action: "resume" });
    expect((await stage.run()).state).toBe("waiting-check");
    await stage.ask({ action: "check", name: "smoke", passed: true });
    expect((await stage.run()).state).toBe("done");
  });

  test("takes the role that it names", async () => {
    const stage = await begin([{ ...SMOKE, by: "admin" }]);
    const rollout = await stage.run();
    const operator = { name: "otto", is: (role: string) => role === "operator" };

    expect(() => applyAction(rollout, { action: "check", name: "smoke", passed: true }, operator, new Date())).toThrow(
      NotAllowed,
    );
  });

  test("has no limit but the one that it names", async () => {
    const patient = await begin([SMOKE]);
    const limited = await begin([{ ...SMOKE, withinMinutes: 10 }]);
    for (const stage of [patient, limited]) await stage.run();
    for (const stage of [patient, limited]) await minutes(stage, 90);

    expect((await patient.record()).state).toBe("waiting-check");
    expect((await limited.record()).reason).toBe("check smoke of stage dev did not pass within 10 minutes");
  });
});

describe("5.3: a check by an address", () => {
  test("is asked each minute until it passes", async () => {
    const stage = await begin([URL_CHECK]);
    await stage.run();
    await stage.tick();
    expect((await stage.record()).reason).toBe(
      "stage dev has ended, and waits for the check web by https://app.example.com/healthz; it last answered: 503",
    );
    const asked = stage.asked.length;
    await stage.tick();
    expect(stage.asked.length).toBe(asked + 1);

    stage.answer = { passed: true, answer: "204" };
    await minutes(stage, 20);

    expect(await stage.record()).toMatchObject({ state: "done", checks: [{ name: "web", by: null, message: "204" }] });
    expect(stage.asked.length).toBe(asked + 2);
    expect(stage.endpoint.changed).toEqual(["c001", "c002"]);
  });

  test("stops the roll-out if it does not pass within its time, and has that time again when it resumes", async () => {
    const stage = await begin([URL_CHECK]);
    await stage.run();
    await minutes(stage, 58);
    expect((await stage.record()).state).toBe("waiting-check");
    await minutes(stage, 3);

    expect(await stage.record()).toMatchObject({
      state: "stopped",
      reason: "check web of stage dev did not pass within 60 minutes: 503",
    });
    expect(stage.endpoint.changed).toEqual(["c001"]);
    await stage.ask({ action: "resume" });
    await minutes(stage, 30);
    expect((await stage.record()).state).toBe("waiting-check");
  });

  test("is not asked while the roll-out is paused, and its time stands still while nobody looks", async () => {
    const stage = await begin([URL_CHECK]);
    await stage.run();
    await stage.ask({ action: "pause" });
    const asked = stage.asked.length;
    await minutes(stage, 5);
    expect(stage.asked.length).toBe(asked);

    await stage.ask({ action: "resume" });
    await minutes(stage, 5);
    stage.clock.advance(3 * 3_600_000);
    await stage.tick();
    expect((await stage.record()).state).toBe("waiting-check");
  });

  test("whose answer comes after somebody has paused the roll-out changes nothing", async () => {
    const stage = await begin([URL_CHECK]);
    await stage.run();
    stage.answer = { passed: true, answer: "200" };
    stage.whileAsked = () => stage.ask({ action: "pause" });

    await stage.tick();

    expect(await stage.record()).toMatchObject({ state: "paused", checks: [] });
  });
});

test("5.4: who rolls back is asked for no check: one may have failed", async () => {
  const stage = await begin([SMOKE]);
  await stage.run();
  await stage.ask({ action: "check", name: "smoke", passed: false });
  const back = startRollback(await stage.record(), {
    ...{ id: "rollout-2", now: stage.clock.now() },
    by: { principal: "iam:ada", authMethod: "iam", sourceIp: "192.0.2.1", userAgent: "test" },
  });

  if (back) await stage.fleets.writeRollout(back);
  await minutes(stage, 8);

  expect(await stage.fleets.getRollout("rollout-2")).toMatchObject({ state: "done", checks: [] });
});

test.each([
  ["http", "http://app.example.com/"],
  ["credentials", "https://user:secret@app.example.com/"],
  ["a fragment", "https://app.example.com/#part"],
  ["no address", "app.example.com"],
])("an address with %s is refused", (_, url) => {
  const parsed = Strategy.safeParse({ stages: [{ name: "a", after: [{ ...URL_CHECK, url }] }] });
  expect(parsed.error?.issues[0]?.message).toContain("an https address without a user, a password or a fragment");
});

test("two checks of one name, or two approvals of one gate, are refused", () => {
  const approval = { gate: "approval" };
  const messages = (stages: unknown) => Strategy.safeParse({ stages }).error?.issues.map(({ message }) => message);
  const twice = [
    { name: "a", before: [SMOKE] },
    { name: "b", after: [SMOKE] },
  ];
  expect(messages(twice)).toEqual(["checks with different names"]);
  expect(messages([{ name: "a", before: [approval, approval] }])).toEqual(["at most one approval"]);
});

import { expect, test } from "vitest";
import { DrillStage, HOST, INPUT } from "../../../../test/support/steps/drills.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { endHost } from "./end-host.ts";

test("13: whatever host the drill has is ended, and no other", async () => {
  const stage = new DrillStage().begun({ host: HOST }).runs();

  await run(endHost, stage, INPUT).catch(() => run(endHost, stage, INPUT));

  expect(stage.account.instances.get("i-drill")?.state).toBe("terminated");
  expect(stage.account.instances.get("i-a")?.state).toBe("running");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(endHost, () => new DrillStage().begun({ host: HOST }).runs(), INPUT);
});

import * as sfn from "@aws-sdk/client-sfn";
import { expect, test } from "vitest";
import { oneState, pass, stepFunctions } from "../testing/stepfunctions.ts";
import { startWire } from "../testing/wire.ts";
import { defineService } from "../wire/service.ts";

test("a real client reads executions, histories and errors", async () => {
  const { run, service } = stepFunctions();
  const branch = oneState(pass({ Assign: { x: 1 } }));
  const { executionArn, stateMachineArn } = await run(
    oneState({ Type: "Parallel", Branches: [branch, branch], End: true }),
  );
  await using wire = await startWire({ services: [defineService(sfn, "SFNClient", service.handlers)] });
  const client = new sfn.SFNClient(wire.client);

  const description = await client.send(new sfn.DescribeExecutionCommand({ executionArn }));
  const history = await client.send(new sfn.GetExecutionHistoryCommand({ executionArn, maxResults: 4 }));
  const again = client.send(new sfn.StartExecutionCommand({ stateMachineArn, name: description.name, input: "[]" }));

  expect(description).toMatchObject({ status: "SUCCEEDED", startDate: new Date("2026-11-22T12:00:00Z") });
  expect(history.events?.[3]).toEqual({
    id: 4,
    previousEventId: 3,
    timestamp: new Date("2026-11-22T12:00:00Z"),
    type: "PassStateEntered",
    stateEnteredEventDetails: { name: "Only", input: "{}", inputDetails: { truncated: false } },
  });
  await expect(again).rejects.toBeInstanceOf(sfn.ExecutionAlreadyExists);
});

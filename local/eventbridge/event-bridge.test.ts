import { expect, onTestFinished, test } from "vitest";
import { callService } from "../context/service-call.ts";
import { Queues } from "../sqs/queues.ts";
import { eventually, testContext } from "../testing/context.ts";
import { AwsError } from "../wire/contract.ts";
import type { TargetDelivery } from "./delivery.ts";
import { createEventBridge, type EventBridgeOptions } from "./event-bridge.ts";

const LOST = "arn:aws:sqs:us-west-2:123456789012:lost";
const TARGET = "arn:aws:states:us-west-2:123456789012:stateMachine:repair";
const TERMINATED = { source: "aws.ec2", detailType: "state", resources: [], detail: { state: "terminated" } };
const CALLER = {
  service: "events",
  region: "us-west-2",
  principal: { arn: "arn:aws:iam::123456789012:user/holdfast" },
};

function eventBridgeWith(options: Partial<EventBridgeOptions> = {}) {
  const context = testContext();
  const queues = new Queues(context.clock.now);
  queues.create(LOST);
  const delivered: TargetDelivery[] = [];
  const events = createEventBridge(context, {
    queues,
    firstRetryDelayMs: 1,
    deliver: async (delivery) => void delivered.push(delivery),
    ...options,
  });
  onTestFinished(() => events.close());
  return { events, queues, delivered, call: callerOf(events) };
}

function callerOf(events: ReturnType<typeof createEventBridge>) {
  return {
    putRule: async (input: Parameters<NonNullable<typeof events.handlers.PutRule>>[0], target: object = {}) => {
      await callService(events.handlers, "PutRule", input, CALLER);
      const targets = [{ Id: "Target0", Arn: TARGET, RoleArn: "arn:aws:iam::123456789012:role/Events", ...target }];
      await callService(
        events.handlers,
        "PutTargets",
        { Rule: input.Name, EventBusName: input.EventBusName, Targets: targets },
        CALLER,
      );
    },
  };
}

test("an event goes to the targets of the rules that it matches", async () => {
  const { events, delivered, call } = eventBridgeWith();
  await call.putRule({ Name: "Lost", EventPattern: '{"detail":{"state":["terminated"]}}' });
  await call.putRule({ Name: "Other", EventPattern: '{"detail":{"state":["running"]}}' });

  events.publish(TERMINATED);

  const delivery = await eventually(() => delivered[0]);
  expect(delivery).toMatchObject({ targetArn: TARGET, ruleArn: "arn:aws:events:us-west-2:123456789012:rule/Lost" });
  expect(JSON.parse(delivery.input)).toEqual({
    version: "0",
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    "detail-type": "state",
    source: "aws.ec2",
    account: "123456789012",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region: "us-west-2",
    resources: [],
    detail: { state: "terminated" },
  });
  expect(events.recent().map(({ ruleNames }) => ruleNames)).toEqual([["Lost"]]);
});

test("a disabled rule does not match", async () => {
  const { events, call } = eventBridgeWith();
  await call.putRule({ Name: "Lost", EventPattern: '{"source":["aws.ec2"]}', State: "DISABLED" });

  events.publish(TERMINATED);

  expect(events.recent()[0]?.ruleNames).toEqual([]);
});

test("a throttled target is tried again as often as its policy says, then the event goes to the dead-letter queue", async () => {
  let attempts = 0;
  const deliver = async () => {
    attempts += 1;
    throw new AwsError("ThrottlingException", "Rate exceeded");
  };
  const { events, queues, call } = eventBridgeWith({ deliver });
  await call.putRule(
    { Name: "Lost", EventPattern: '{"source":["aws.ec2"]}' },
    { RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: LOST } },
  );

  events.publish(TERMINATED);

  const message = await eventually(() => queues.messages(LOST)[0]);
  expect(attempts).toBe(3);
  expect(JSON.parse(message.body)).toMatchObject({ detail: { state: "terminated" } });
  expect(message.attributes).toEqual({
    RULE_ARN: "arn:aws:events:us-west-2:123456789012:rule/Lost",
    TARGET_ARN: TARGET,
    ERROR_CODE: "THROTTLING",
    ERROR_MESSAGE: "Rate exceeded",
    RETRY_ATTEMPTS: "2",
    EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
  });
});

test("an error that no repetition fixes goes to the dead-letter queue at once", async () => {
  const deliver = async () => {
    throw new AwsError("AccessDeniedException", "no");
  };
  const { events, queues, call } = eventBridgeWith({ deliver });
  await call.putRule({ Name: "Lost", EventPattern: '{"source":["aws.ec2"]}' }, { DeadLetterConfig: { Arn: LOST } });

  events.publish(TERMINATED);

  const { attributes } = await eventually(() => queues.messages(LOST)[0]);
  expect(attributes).toMatchObject({ ERROR_CODE: "NO_PERMISSIONS", RETRY_ATTEMPTS: "0" });
});

test("a schedule fires with the scheduled event of its rule", async () => {
  const { delivered, call } = eventBridgeWith({ scheduleSpeed: 60_000 });
  await call.putRule({ Name: "Reconcile", ScheduleExpression: "rate(1 minute)" });

  const { input } = await eventually(() => delivered[1]);

  expect(JSON.parse(input)).toMatchObject({
    source: "aws.events",
    "detail-type": "Scheduled Event",
    resources: ["arn:aws:events:us-west-2:123456789012:rule/Reconcile"],
    detail: {},
  });
});

test("a rule on a custom bus sees the events of that bus only", async () => {
  const { events, call } = eventBridgeWith();
  events.createBus("clusters");
  await call.putRule({ Name: "Own", EventBusName: "clusters", EventPattern: '{"source":[{"prefix":""}]}' });

  events.put("clusters", TERMINATED);
  events.publish(TERMINATED);

  expect(events.recent().map(({ busName, ruleNames }) => [busName, ruleNames])).toEqual([
    ["clusters", ["Own"]],
    ["default", []],
  ]);
});

test("an event can be provoked to come twice, or not at all", async () => {
  const { events, delivered, call } = eventBridgeWith();
  await call.putRule({ Name: "Lost", EventPattern: '{"source":["aws.ec2"]}' });

  events.setFaults(() => ({ drop: true }));
  events.publish(TERMINATED);
  events.setFaults(() => ({ copies: 2 }));
  events.publish(TERMINATED);

  await eventually(() => delivered.length === 2);
});

test("PutEvents answers entry by entry", async () => {
  const { events } = eventBridgeWith();
  const Entries = [
    { Source: "holdfast", DetailType: "note", Detail: "{}" },
    { Source: "aws.ec2", DetailType: "note", Detail: "{}" },
    { Source: "holdfast", DetailType: "note", Detail: "[" },
    { DetailType: "note", Detail: "{}" },
  ];

  const answer = await callService(events.handlers, "PutEvents", { Entries }, CALLER);

  expect(answer).toMatchObject({
    FailedEntryCount: 3,
    Entries: [
      { EventId: expect.any(String) },
      { ErrorCode: "NotAuthorizedForSourceException" },
      { ErrorCode: "MalformedDetail" },
      { ErrorCode: "InvalidArgument" },
    ],
  });
});

test("a rule with targets cannot be deleted; without them it can", async () => {
  const { events, call } = eventBridgeWith();
  await call.putRule({ Name: "Lost", EventPattern: '{"source":["aws.ec2"]}' });

  const remove = () => callService(events.handlers, "DeleteRule", { Name: "Lost" }, CALLER);
  await expect(remove()).rejects.toMatchObject({ code: "ValidationException" });
  await callService(events.handlers, "RemoveTargets", { Rule: "Lost", Ids: ["Target0"] }, CALLER);
  await remove();

  const describe = callService(events.handlers, "DescribeRule", { Name: "Lost" }, CALLER);
  await expect(describe).rejects.toMatchObject({ code: "ResourceNotFoundException" });
});

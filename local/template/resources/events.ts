import type { Target } from "@aws-sdk/client-eventbridge";
import * as z from "zod";
import { callService } from "../../context/service-call.ts";
import { busName, DEFAULT_BUS } from "../../eventbridge/rules.ts";
import { parsePolicy } from "../../iam/policy.ts";
import { operator, type Provision } from "../resource-type.ts";

const TargetProperties = z.object({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .object({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  RetryPolicy: z
    .object({ MaximumRetryAttempts: z.number().optional(), MaximumEventAgeInSeconds: z.number().optional() })
    .optional(),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
});
const RuleProperties = z.object({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventBusName: z.string().default(DEFAULT_BUS),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]).default("ENABLED"),
  Targets: z.array(TargetProperties).default([]),
});

/** `AWS::Events::Rule` with its targets. */
export const provisionRule: Provision = async (request, { events, context }) => {
  const { Targets, EventPattern, ...properties } = RuleProperties.parse(request.properties);
  const Name = properties.Name ?? request.name();
  const caller = operator(context, "events");
  const pattern = EventPattern && JSON.stringify(EventPattern);
  const { RuleArn = "" } = await callService(
    events.handlers,
    "PutRule",
    { ...properties, Name, EventPattern: pattern },
    caller,
  );
  const targets: Target[] = Targets;
  const { EventBusName } = properties;
  if (targets.length > 0)
    await callService(events.handlers, "PutTargets", { Rule: Name, EventBusName, Targets: targets }, caller);
  const bus = busName(EventBusName);
  return { ref: bus === DEFAULT_BUS ? Name : `${bus}|${Name}`, attributes: { Arn: RuleArn } };
};

const PolicyProperties = z.object({
  EventBusName: z.string().default(DEFAULT_BUS),
  StatementId: z.string(),
  Statement: z.record(z.string(), z.unknown()),
});

/** `AWS::Events::EventBusPolicy`: one statement of a bus's policy. */
export const provisionEventBusPolicy: Provision = (request, { events }) => {
  const { EventBusName, StatementId, Statement } = PolicyProperties.parse(request.properties);
  const [statement] = [parsePolicy(JSON.stringify({ Statement })).Statement].flat();
  if (statement) events.putStatement(EventBusName, StatementId, statement);
  return { ref: `${busName(EventBusName)}|${StatementId}`, attributes: {} };
};

/** `AWS::Events::EventBus` */
export const provisionEventBus: Provision = (request, { events }) => {
  const { Name } = z.object({ Name: z.string() }).parse(request.properties);
  return { ref: Name, attributes: { Name, Arn: events.createBus(Name) } };
};

import type * as sdk from "@aws-sdk/client-eventbridge";
import { parsePolicy, type Statement } from "../iam/policy.ts";
import { AwsError, type Handlers, type InputOf, type OutputOf } from "../wire/contract.ts";
import type { EventBridgeState } from "./event-bridge.ts";
import { isObject } from "./json.ts";
import { parsePattern } from "./patterns.ts";
import { putEvents } from "./put-events.ts";
import { busName, DEFAULT_BUS, type Rule } from "./rules.ts";
import { parseSchedule } from "./schedules.ts";

/** EventBridge's API over rules and buses. */
export function createHandlers(state: EventBridgeState): Handlers<typeof sdk> {
  return { ...ruleHandlers(state), ...targetHandlers(state), ...busHandlers(state) };
}

function ruleHandlers(state: EventBridgeState): Handlers<typeof sdk> {
  const { rules, scheduler } = state;
  const change = (rule: Rule): void => {
    rules.put(rule);
    scheduler.update(rule);
  };
  return {
    PutRule: (input) => {
      const rule = toRule(state, input);
      change(rule);
      return { RuleArn: rule.arn };
    },
    ListRuleNamesByTarget: ({ TargetArn, EventBusName }) => {
      const isTarget = ({ targets }: Rule): boolean => [...targets.values()].some(({ Arn }) => Arn === TargetArn);
      return {
        RuleNames: rules
          .rulesOf(EventBusName)
          .filter(isTarget)
          .map(({ name }) => name),
      };
    },
    ListTagsForResource: () => ({ Tags: [] }),
    ListArchives: () => ({ Archives: [] }),
    ListReplays: () => ({ Replays: [] }),
    DescribeRule: ({ Name, EventBusName }) => toSdk(rules.get(Name ?? "", EventBusName)),
    ListRules: ({ NamePrefix = "", EventBusName }) => ({
      Rules: rules
        .rulesOf(EventBusName)
        .filter(({ name }) => name.startsWith(NamePrefix))
        .map(toSdk),
    }),
    DeleteRule: ({ Name, EventBusName }) => {
      const rule = rules.find(Name ?? "", EventBusName);
      if (!rule) return {};
      if (rule.targets.size > 0) throw invalid("Rule can't be deleted since it has targets.");
      scheduler.stop(rule.arn);
      rules.delete(rule);
      return {};
    },
    EnableRule: ({ Name, EventBusName }) => {
      change({ ...rules.get(Name ?? "", EventBusName), state: "ENABLED" });
      return {};
    },
    DisableRule: ({ Name, EventBusName }) => {
      change({ ...rules.get(Name ?? "", EventBusName), state: "DISABLED" });
      return {};
    },
  };
}

function targetHandlers({ rules }: EventBridgeState): Handlers<typeof sdk> {
  return {
    PutTargets: ({ Rule: name, EventBusName, Targets = [] }) => {
      const rule = rules.get(name ?? "", EventBusName);
      const added = Targets.map((target) => [target.Id ?? "", target] as const);
      const targets = new Map([...rule.targets, ...added]);
      if (targets.size > 5)
        throw new AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
      rules.put({ ...rule, targets });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: ({ Rule: name, EventBusName, Ids = [] }) => {
      const rule = rules.get(name ?? "", EventBusName);
      rules.put({ ...rule, targets: new Map([...rule.targets].filter(([id]) => !Ids.includes(id))) });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: ({ Rule: name, EventBusName }) => ({
      Targets: [...rules.get(name ?? "", EventBusName).targets.values()],
    }),
  };
}

function busHandlers(state: EventBridgeState): Handlers<typeof sdk> {
  const { rules, service } = state;
  return {
    PutEvents: (input, { principal }) => putEvents(state, input, principal),
    CreateEventBus: ({ Name: name = "" }) => {
      if (rules.hasBus(name)) throw new AwsError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
      return { EventBusArn: service.createBus(name) };
    },
    PutPermission: (input) => {
      for (const [id, statement] of statementsOf(service.busArn(busName(input.EventBusName ?? DEFAULT_BUS)), input))
        rules.putStatement(input.EventBusName ?? DEFAULT_BUS, id, statement);
      return {};
    },
    RemovePermission: ({ EventBusName = DEFAULT_BUS, StatementId = "" }) => {
      if (rules.removeStatement(EventBusName, StatementId)) return {};
      throw new AwsError("ResourceNotFoundException", `Statement ${StatementId} does not exist.`);
    },
    ListEventBuses: ({ NamePrefix = "" }) => ({
      EventBuses: rules
        .busNames()
        .filter((name) => name.startsWith(NamePrefix))
        .map((name) => ({ Name: name, Arn: service.busArn(name) })),
    }),
    DescribeEventBus: ({ Name = DEFAULT_BUS }) => {
      const name = busName(Name);
      rules.rulesOf(name);
      return { Name: name, Arn: service.busArn(name) };
    },
    TestEventPattern: ({ EventPattern = "", Event = "" }) => ({
      Result: parsePattern(EventPattern)(parseEvent(Event)),
    }),
  };
}

/** Either a whole policy, or one statement by its parts (PutPermission). */
function statementsOf(busArn: string, input: InputOf<typeof sdk, "PutPermission">): [id: string, Statement][] {
  if (input.Policy !== undefined) {
    const statements = [parsePolicy(input.Policy).Statement].flat();
    return statements.map((statement, index) => [statement.Sid ?? String(index), statement]);
  }
  const { StatementId: id = "", Action = "events:PutEvents", Principal = "*", Condition: condition } = input;
  const conditions =
    condition?.Type && condition.Key ? { [condition.Type]: { [condition.Key]: condition.Value ?? "" } } : {};
  const AWS = Principal === "*" ? "*" : `arn:aws:iam::${Principal}:root`;
  return [[id, { Sid: id, Effect: "Allow", Principal: { AWS }, Action, Resource: busArn, Condition: conditions }]];
}

/** A new rule, or a changed one that keeps its targets. */
function toRule({ rules, context }: EventBridgeState, input: InputOf<typeof sdk, "PutRule">): Rule {
  const { Name: name = "", EventPattern, ScheduleExpression } = input;
  const bus = busName(input.EventBusName ?? DEFAULT_BUS);
  if (EventPattern === undefined && ScheduleExpression === undefined)
    throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (ScheduleExpression !== undefined && bus !== DEFAULT_BUS)
    throw invalid("ScheduleExpression is supported only on the default event bus.");
  const path = bus === DEFAULT_BUS ? name : `${bus}/${name}`;
  return {
    name,
    busName: bus,
    arn: `arn:aws:events:${context.region}:${context.accountId}:rule/${path}`,
    description: input.Description,
    state: input.State ?? "ENABLED",
    eventPattern: EventPattern,
    scheduleExpression: ScheduleExpression,
    matches: EventPattern === undefined ? undefined : parsePattern(EventPattern),
    schedule: ScheduleExpression === undefined ? undefined : parseSchedule(ScheduleExpression, context.clock.now()),
    targets: rules.find(name, bus)?.targets ?? new Map(),
  };
}

function toSdk(rule: Rule): OutputOf<typeof sdk, "DescribeRule"> {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: rule.busName,
    State: rule.state,
    Description: rule.description,
    EventPattern: rule.eventPattern,
    ScheduleExpression: rule.scheduleExpression,
  };
}

function parseEvent(text: string): Readonly<Record<string, unknown>> {
  try {
    const event: unknown = JSON.parse(text);
    if (isObject(event)) return event;
  } catch {
    // Answered below: what is not JSON and what is no object get the same error.
  }
  throw invalid("Parameter Event is not valid.");
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

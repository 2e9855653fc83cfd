import type * as eventbridge from "@aws-sdk/client-eventbridge";
import { arnIn, type CloudState } from "./cloud-state.ts";
import { type ConditionKeys, type Demand, type Demands, demand, given, type Mapping, mappingOf } from "./demand.ts";

/** "Actions, resources, and condition keys for Amazon EventBridge". */
export function eventsMapping(cloud: CloudState): Mapping {
  const busArn = (bus = "default") => (bus.startsWith("arn:") ? bus : arnIn(cloud, "events", `event-bus/${bus}`));
  const onRule = (action: string, rule = "", bus = "default", keys: ConditionKeys = {}): Demand => {
    const busName = bus.split("/").at(-1) ?? bus;
    const path = busName === "default" ? rule : `${busName}/${rule}`;
    return demand(`events:${action}`, arnIn(cloud, "events", `rule/${path}`), keys);
  };
  const demands: Demands<typeof eventbridge> = {
    PutEvents: ({ Entries = [] }) =>
      Entries.map((entry) =>
        demand("events:PutEvents", busArn(entry.EventBusName), {
          ...(entry.Source !== undefined && { "events:source": entry.Source }),
          ...(entry.DetailType !== undefined && { "events:detail-type": entry.DetailType }),
        }),
      ),
    PutRule: (input) => [onRule("PutRule", input.Name, input.EventBusName), ...passRoles([input.RoleArn])],
    DescribeRule: (input) => [onRule("DescribeRule", input.Name, input.EventBusName)],
    DeleteRule: (input) => [onRule("DeleteRule", input.Name, input.EventBusName)],
    EnableRule: (input) => [onRule("EnableRule", input.Name, input.EventBusName)],
    DisableRule: (input) => [onRule("DisableRule", input.Name, input.EventBusName)],
    PutTargets: ({ Rule, EventBusName, Targets = [] }) => [
      onRule("PutTargets", Rule, EventBusName, { "events:TargetArn": given(Targets.map(({ Arn }) => Arn)) }),
      ...passRoles(Targets.map(({ RoleArn }) => RoleArn)),
    ],
    RemoveTargets: (input) => [onRule("RemoveTargets", input.Rule, input.EventBusName)],
    ListTargetsByRule: (input) => [onRule("ListTargetsByRule", input.Rule, input.EventBusName)],
    DescribeEventBus: (input) => [demand("events:DescribeEventBus", busArn(input.Name))],
  };
  return mappingOf("events", demands, /^(ListRules|ListEventBuses|TestEventPattern)$/);
}

function passRoles(arns: readonly (string | undefined)[]): Demand[] {
  const keys = { "iam:PassedToService": "events.amazonaws.com" };
  return [...new Set(given(arns))].map((arn) => demand("iam:PassRole", arn, keys));
}

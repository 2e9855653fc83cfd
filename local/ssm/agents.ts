import type * as ssm from "@aws-sdk/client-ssm";
import type { CloudContext } from "../context/context.ts";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Agent, SsmState } from "./model.ts";

/** An agent came up or was lost. The first time it comes up is its registration as a managed instance. */
export function noteAgent(context: CloudContext, state: SsmState, instanceId: string, online: boolean): void {
  const now = context.clock.now();
  const agent = state.agents[instanceId];
  if (agent) {
    agent.online = online;
    if (online) agent.lastPingAt = now;
  } else if (online) {
    state.agents[instanceId] = { instanceId, registeredAt: now, online, lastPingAt: now };
  }
}

export function agentHandlers(context: CloudContext, state: SsmState): Handlers<typeof ssm> {
  return {
    DescribeInstanceInformation: (input) => {
      const filters = [
        ...(input.Filters ?? []).map(({ Key = "", Values = [] }) => ({ key: Key, values: Values })),
        ...(input.InstanceInformationFilterList ?? []).map(({ key = "", valueSet = [] }) => ({
          key,
          values: valueSet,
        })),
      ];
      const found = Object.values(state.agents).filter((agent) => filters.every((filter) => matches(agent, filter)));
      const page = paginate(found, {
        limit: input.MaxResults ?? 10,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return {
        InstanceInformationList: page.items.map((agent) => describe(context, agent)),
        NextToken: page.nextToken,
      };
    },
  };
}

function matches(agent: Agent, filter: { key: string; values: readonly string[] }): boolean {
  switch (filter.key) {
    case "InstanceIds":
      return filter.values.includes(agent.instanceId);
    case "PingStatus":
      return filter.values.includes(pingStatus(agent));
    case "ResourceType":
      return filter.values.includes("EC2Instance");
    default:
      throw new AwsError("InvalidFilterKey", `The filter key ${filter.key} is not supported by this local cloud.`);
  }
}

function pingStatus(agent: Agent): ssm.PingStatus {
  return agent.online ? "Online" : "ConnectionLost";
}

function describe(context: CloudContext, agent: Agent): ssm.InstanceInformation {
  return {
    InstanceId: agent.instanceId,
    PingStatus: pingStatus(agent),
    LastPingDateTime: new Date(agent.online ? context.clock.now() : agent.lastPingAt),
    RegistrationDate: new Date(agent.registeredAt),
    PlatformType: "Linux",
    ResourceType: "EC2Instance",
  };
}

import type * as ssm from "@aws-sdk/client-ssm";
import type { CloudContext } from "../context/context.ts";
import { type Caller, callService } from "../context/service-call.ts";
import type { Ec2Service } from "../ec2/contract.ts";
import type { HostDriver } from "../hosts/driver.ts";
import { Keys } from "../kms/keys.ts";
import type { Handlers } from "../wire/contract.ts";
import { agentHandlers, noteAgent } from "./agents.ts";
import { type CommandRunner, commandHandlers } from "./commands.ts";
import { documentHandlers, writeDocument } from "./documents.ts";
import { invocationHandlers } from "./invocation-handlers.ts";
import type { SsmState } from "./model.ts";
import { operatorHandlers } from "./operator-handlers.ts";
import { parameterListHandlers } from "./parameter-lists.ts";
import { parameterHandlers } from "./parameters.ts";
import { tagHandlers } from "./tags.ts";

export interface Ssm {
  readonly handlers: Handlers<typeof ssm>;
  /** Creates a document or its next version, as CloudFormation would. `content` is text, or the object that it says. */
  putDocument(document: { name: string; content: unknown }): void;
  snapshot(): SsmState;
}

/**
 * AWS Systems Manager: Parameter Store, command documents and Run Command (docs/references/aws.md#ssm). Commands run on
 * hosts through their agents. `visibleAfter` is the lag, in ms, before GetCommandInvocation knows a new command; `deliveryMs` the time until its host has it;
 * `mayRegister` says whether an instance's role lets its agent register.
 */
export function createSsm(
  context: CloudContext,
  parts: {
    hosts: HostDriver;
    ec2: Ec2Service;
    keys?: Keys;
    visibleAfter?: number;
    deliveryMs?: number;
    mayRegister?: (instanceId: string) => boolean;
  },
  restored?: SsmState,
): Ssm {
  const state = restored ?? { parameters: {}, secrets: {}, documents: {}, commands: [], agents: {} };
  if (restored) forgetRunning(state);
  parts.hosts.onAgent((instanceId, online) => {
    if (online && parts.mayRegister?.(instanceId) === false) return;
    noteAgent(context, state, instanceId, online);
  });
  parts.ec2.onInstanceState((change) => {
    if (change.state === "terminated") delete state.agents[change.instanceId];
  });
  const ec2 = ec2Reads(context, parts.ec2);
  const store = { context, state, findImages: ec2.findImages, keys: parts.keys ?? new Keys() };
  return {
    handlers: {
      ...parameterHandlers(store),
      ...parameterListHandlers(store),
      ...tagHandlers(state),
      ...documentHandlers(context, state),
      ...operatorHandlers(state),
      ...agentHandlers(context, state),
      ...commandHandlers({
        context,
        state,
        hosts: parts.hosts,
        deliveryMs: parts.deliveryMs ?? 0,
        findByTag: ec2.findByTag,
      }),
      ...invocationHandlers(context, state, parts.visibleAfter ?? 50),
    },
    putDocument: ({ name, content }) => {
      writeDocument(context, state, { name, content: typeof content === "string" ? content : JSON.stringify(content) });
    },
    snapshot: () => state,
  };
}

/** No host survives a restart of the local cloud with its agent: nobody will report the end of what ran. */
function forgetRunning(state: SsmState): void {
  for (const agent of Object.values(state.agents)) agent.online = false;
  for (const invocation of state.commands.flatMap(({ invocations }) => invocations)) {
    for (const result of [invocation, ...invocation.steps]) {
      if (result.status !== "Pending" && result.status !== "InProgress") continue;
      result.status = "TimedOut";
      result.details = "Execution Timed Out";
    }
  }
}

/** What Systems Manager reads from EC2's public API, as its service-linked role. */
function ec2Reads(context: CloudContext, service: Ec2Service) {
  const name = "AWSServiceRoleForAmazonSSM";
  const caller: Caller = {
    service: "ec2",
    region: context.region,
    principal: {
      arn: `arn:aws:sts::${context.accountId}:assumed-role/${name}/ssm`,
      roleArn: `arn:aws:iam::${context.accountId}:role/aws-service-role/ssm.amazonaws.com/${name}`,
    },
  };
  const findByTag: CommandRunner["findByTag"] = async (key, values) => {
    const filters = [{ Name: `tag:${key}`, Values: [...values] }];
    const answer = await callService(service.handlers, "DescribeInstances", { Filters: filters }, caller);
    const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
    return instances.map(({ InstanceId = "" }) => InstanceId);
  };
  const findImages = async (namePattern: string, architecture: string) => {
    const filters = [
      { Name: "name", Values: [namePattern] },
      { Name: "architecture", Values: [architecture] },
    ];
    return (await callService(service.handlers, "DescribeImages", { Filters: filters }, caller)).Images ?? [];
  };
  return { findByTag, findImages };
}

import { randomBytes } from "node:crypto";
import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { getBalancer, getListener, getTargetGroup, toTags, validationError } from "./lookup.ts";
import type { Listener } from "./model.ts";

export function listenerHandlers(engine: Engine): Handlers<typeof elb> {
  const { state } = engine;
  return {
    CreateListener: (input) => {
      const listener = createListener(engine, input);
      engine.sync();
      return { Listeners: [view(listener)] };
    },
    ModifyListener: (input) => {
      const listener = getListener(state, input.ListenerArn);
      if (input.Protocol !== undefined) checkProtocol(input.Protocol);
      if (input.Port !== undefined) {
        refuseTakenPort(engine, listener.balancerArn, input.Port, listener);
        listener.port = input.Port;
      }
      if (input.DefaultActions) listener.targetGroupArn = targetOf(engine, input.DefaultActions);
      engine.sync();
      return { Listeners: [view(listener)] };
    },
    DescribeListeners: (input) => {
      if (input.LoadBalancerArn !== undefined) getBalancer(state, input.LoadBalancerArn);
      for (const arn of input.ListenerArns ?? []) getListener(state, arn);
      const wanted = Object.values(state.listeners).filter(
        (each) =>
          (input.LoadBalancerArn === undefined || each.balancerArn === input.LoadBalancerArn) &&
          (!input.ListenerArns || input.ListenerArns.includes(each.arn)),
      );
      const page = paginate(wanted, {
        limit: input.PageSize ?? 400,
        token: input.Marker,
        tokenError: "ValidationError",
      });
      return { Listeners: page.items.map(view), NextMarker: page.nextToken };
    },
    DeleteListener: (input) => {
      delete state.listeners[getListener(state, input.ListenerArn).arn];
      engine.sync();
      return {};
    },
  };
}

function createListener(engine: Engine, input: elb.CreateListenerInput): Listener {
  const balancer = getBalancer(engine.state, input.LoadBalancerArn);
  checkProtocol(required(input.Protocol, "Protocol"));
  const port = required(input.Port, "Port");
  const targetGroupArn = targetOf(engine, required(input.DefaultActions, "DefaultActions"));
  const existing = onPort(engine, balancer.arn, port);
  // The same listener again is no conflict (API reference: idempotent).
  if (existing?.targetGroupArn === targetGroupArn) return existing;
  refuseTakenPort(engine, balancer.arn, port);
  const listener: Listener = {
    arn: `${balancer.arn.replace(":loadbalancer/", ":listener/")}/${randomBytes(8).toString("hex")}`,
    balancerArn: balancer.arn,
    port,
    targetGroupArn,
    tags: toTags(input.Tags),
  };
  engine.state.listeners[listener.arn] = listener;
  return listener;
}

function onPort(engine: Engine, balancerArn: string, port: number): Listener | undefined {
  return Object.values(engine.state.listeners).find((each) => each.balancerArn === balancerArn && each.port === port);
}

function refuseTakenPort(engine: Engine, balancerArn: string, port: number, self?: Listener): void {
  const existing = onPort(engine, balancerArn, port);
  if (!existing || existing === self) return;
  throw new AwsError(
    "DuplicateListenerException",
    `A listener already exists on this port for this load balancer '${balancerArn}'`,
  );
}

function checkProtocol(protocol: elb.ProtocolEnum): void {
  if (protocol !== "TCP")
    throw validationError(`Listeners of protocol '${protocol}' are not supported by this local cloud`);
}

function targetOf(engine: Engine, actions: readonly elb.Action[]): string {
  const [action, ...more] = actions;
  const groups = action?.ForwardConfig?.TargetGroups ?? [];
  if (action?.Type !== "forward" || more.length > 0 || groups.length > 1) {
    throw validationError("A listener needs exactly one action, which forwards to one target group");
  }
  return getTargetGroup(engine.state, action.TargetGroupArn ?? groups[0]?.TargetGroupArn).arn;
}

function view(listener: Listener): elb.Listener {
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.balancerArn,
    Port: listener.port,
    Protocol: "TCP",
    DefaultActions: [
      {
        Type: "forward",
        TargetGroupArn: listener.targetGroupArn,
        ForwardConfig: { TargetGroups: [{ TargetGroupArn: listener.targetGroupArn }] },
      },
    ],
  };
}

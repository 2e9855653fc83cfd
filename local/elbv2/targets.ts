import { isIPv4 } from "node:net";
import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { getTargetGroup, validationError } from "./lookup.ts";
import type { Target, TargetGroup } from "./model.ts";

export function targetHandlers(engine: Engine): Handlers<typeof elb> {
  const { state } = engine;
  return {
    RegisterTargets: async (input) => {
      const group = getTargetGroup(state, input.TargetGroupArn);
      const wanted = required(input.Targets, "Targets");
      if (group.targetType === "instance") await checkInstances(engine, wanted);
      for (const { Id: id, Port: port } of wanted) {
        if (group.targetType === "ip" && !isIPv4(id ?? ""))
          throw validationError(`The IP address '${id}' is not a valid IPv4 address`);
        register(engine, group, id ?? "", port ?? group.port);
      }
      engine.sync();
      return {};
    },
    DeregisterTargets: (input) => {
      const group = getTargetGroup(state, input.TargetGroupArn);
      for (const { Id: id, Port: port } of required(input.Targets, "Targets"))
        deregister(engine, group, id ?? "", port);
      engine.sync();
      return {};
    },
    DescribeTargetHealth: (input) => {
      const group = getTargetGroup(state, input.TargetGroupArn);
      const asked = input.Targets;
      const known = group.targets.filter(
        (target) => !asked || asked.some((each) => isSame(target, each.Id, each.Port)),
      );
      const unknown = (asked ?? []).filter(
        (each) => !group.targets.some((target) => isSame(target, each.Id, each.Port)),
      );
      return {
        TargetHealthDescriptions: [
          ...known.map((target) => describe(group, target)),
          ...unknown.map((Target) => ({
            Target,
            TargetHealth: {
              State: "unused" as const,
              Reason: "Target.NotRegistered" as const,
              Description: "Target is not registered to the target group",
            },
          })),
        ],
      };
    },
  };
}

async function checkInstances(engine: Engine, wanted: readonly elb.TargetDescription[]): Promise<void> {
  const ids = wanted.map(({ Id = "" }) => Id);
  const answer = await engine.ec2("DescribeInstances", { Filters: [{ Name: "instance-id", Values: ids }] });
  const running = (answer.Reservations ?? [])
    .flatMap((reservation) => reservation.Instances ?? [])
    .filter((instance) => instance.State?.Name === "running")
    .map(({ InstanceId }) => InstanceId);
  const absent = ids.filter((id) => !running.includes(id));
  if (absent.length === 0) return;
  const list = absent.map((id) => `'${id}'`).join(", ");
  throw new AwsError(
    "InvalidTargetException",
    `The following targets are not in a running state and cannot be registered: ${list}`,
  );
}

/** Registering again revives a target that drains, and changes nothing else. */
export function register(engine: Engine, group: TargetGroup, id: string, port: number): void {
  const existing = group.targets.find((target) => isSame(target, id, port));
  if (existing && existing.state !== "draining") return;
  const inUse = Object.values(engine.state.listeners).some((listener) => listener.targetGroupArn === group.arn);
  const target: Target = {
    id,
    port,
    address: group.targetType === "ip" ? id : "",
    state: inUse ? "initial" : "unused",
    reason: inUse ? "Elb.RegistrationInProgress" : "Target.NotInUse",
    streak: 0,
    registeredAt: engine.context.clock.now(),
  };
  group.targets = [...group.targets.filter((other) => other !== existing), target];
}

export function deregister(engine: Engine, group: TargetGroup, id: string, port?: number): void {
  const delay = Number(group.attributes["deregistration_delay.timeout_seconds"]) * 1_000;
  for (const target of group.targets.filter((each) => isSame(each, id, port))) {
    target.state = "draining";
    target.reason = "Target.DeregistrationInProgress";
    target.drainedAt = engine.context.clock.now() + Math.min(delay, engine.timings.draining);
  }
}

function isSame(target: Target, id: string | undefined, port: number | undefined): boolean {
  return target.id === id && (port === undefined || target.port === port);
}

const DESCRIPTIONS: Partial<Record<elb.TargetHealthReasonEnum, string>> = {
  "Elb.RegistrationInProgress": "Target registration is in progress",
  "Elb.InitialHealthChecking": "Initial health checks in progress",
  "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
  "Target.FailedHealthChecks": "Health checks failed",
  "Target.DeregistrationInProgress": "Target deregistration is in progress",
  "Target.InvalidState": "Target is in the stopped state",
};

function describe(group: TargetGroup, target: Target): elb.TargetHealthDescription {
  return {
    Target: { Id: target.id, Port: target.port },
    HealthCheckPort: group.check.port === "traffic-port" ? String(target.port) : group.check.port,
    TargetHealth: {
      State: target.state,
      Reason: target.reason,
      Description: target.reason && DESCRIPTIONS[target.reason],
    },
  };
}

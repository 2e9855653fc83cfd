import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import type { Instance } from "../engine/state-compute.ts";
import { stateView } from "./instance-view.ts";

type Summary = "ok" | "impaired" | "initializing" | "not-applicable";

/** The instance check fails when it was made to; the system check (AWS's own hardware) fails with the zone. */
function summaries(engine: Engine, instance: Instance): { instance: Summary; system: Summary } {
  if (instance.state !== "running") return { instance: "not-applicable", system: "not-applicable" };
  const upFor = engine.context.clock.now() - (instance.runningAt ?? 0);
  const usual = upFor < engine.timings.statusChecks ? "initializing" : "ok";
  return {
    instance: instance.impaired ? "impaired" : usual,
    system: engine.impairments.zones.has(instance.zone) ? "impaired" : usual,
  };
}

const reachability = { ok: "passed", impaired: "failed", initializing: "initializing" } as const;

function summaryView(Status: Summary): ec2.InstanceStatusSummary {
  if (Status === "not-applicable") return { Status, Details: [] };
  return { Status, Details: [{ Name: "reachability", Status: reachability[Status] }] };
}

export function instanceStatusHandlers(engine: Engine): Handlers<typeof ec2> {
  const filters: FilterAttributes<Instance> = {
    "instance-state-name": (instance) => instance.state,
    "instance-state-code": (instance) => stateView(instance.state).Code,
    "availability-zone": (instance) => instance.zone,
    "instance-status.status": (instance) => summaries(engine, instance).instance,
    "system-status.status": (instance) => summaries(engine, instance).system,
  };
  return {
    DescribeInstanceStatus(input) {
      const running = { Name: "instance-state-name", Values: ["running"] };
      const shown = input.IncludeAllInstances ? [] : [running];
      const query = { ...input, Filters: [...(input.Filters ?? []), ...shown] };
      const { items, ...next } = select(engine.store.instances, input.InstanceIds, query, filters);
      return { InstanceStatuses: items.map((instance) => statusView(engine, instance)), ...next };
    },
  };
}

function statusView(engine: Engine, instance: Instance): ec2.InstanceStatus {
  const { instance: own, system } = summaries(engine, instance);
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.zone,
    InstanceState: stateView(instance.state),
    InstanceStatus: summaryView(own),
    SystemStatus: summaryView(system),
    Events: [],
  };
}

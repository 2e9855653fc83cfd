import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";
import { select } from "../engine/filters.ts";
import type { Instance } from "../engine/state-compute.ts";
import { reboot, start, stop, terminate } from "./instance-lifecycle.ts";
import { instanceFilters, reservationViews, stateView } from "./instance-view.ts";
import { checkCapacity } from "./launch-checks.ts";
import { runInstances } from "./run-instances.ts";

/** All instances that a call names, or none of them. */
function named(engine: Engine, ids: readonly string[] | undefined): Instance[] {
  return required(ids, "InstanceId").map((id) => engine.store.instances.get(id));
}

/** @throws AwsError `IncorrectInstanceState` unless all instances are in one of the states. */
function demandState(instances: readonly Instance[], states: readonly Instance["state"][], verb: string): void {
  const wrong = instances.find((instance) => !states.includes(instance.state));
  if (wrong) {
    throw new AwsError(
      "IncorrectInstanceState",
      `The instance '${wrong.id}' is not in a state from which it can be ${verb}.`,
    );
  }
}

/** Acts on each instance and returns its state before and after. */
function changeEach(instances: readonly Instance[], act: (instance: Instance) => void): ec2.InstanceStateChange[] {
  return instances.map((instance) => {
    const PreviousState = stateView(instance.state);
    act(instance);
    return { InstanceId: instance.id, PreviousState, CurrentState: stateView(instance.state) };
  });
}

function refuseProtected(instances: readonly Instance[]): void {
  const kept = instances.find((instance) => instance.apiTerminationDisabled && instance.state !== "terminated");
  if (kept) {
    throw new AwsError(
      "OperationNotPermitted",
      `The instance '${kept.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  }
}

export function instanceHandlers(engine: Engine): Handlers<typeof ec2> {
  const { instances } = engine.store;
  return {
    RunInstances(input) {
      const [reservation] = reservationViews(engine, runInstances(engine, input));
      return reservation ?? {};
    },

    DescribeInstances(input) {
      const { items, ...next } = select(instances, input.InstanceIds, input, instanceFilters(engine));
      return { Reservations: reservationViews(engine, items), ...next };
    },

    TerminateInstances(input) {
      const chosen = named(engine, input.InstanceIds);
      refuseProtected(chosen);
      const how = input.Force || input.SkipOsShutdown ? "power-off" : "graceful";
      return { TerminatingInstances: changeEach(chosen, (instance) => terminate(engine, instance, how)) };
    },

    StopInstances(input) {
      const chosen = named(engine, input.InstanceIds);
      demandState(chosen, ["running", "stopping", "stopped"], "stopped");
      const how = input.Force || input.SkipOsShutdown ? "power-off" : "graceful";
      const act = (instance: Instance) => {
        if (instance.state === "running") stop(engine, instance, how);
      };
      return { StoppingInstances: changeEach(chosen, act) };
    },

    StartInstances(input) {
      const chosen = named(engine, input.InstanceIds);
      demandState(chosen, ["stopped", "running", "pending"], "started");
      for (const { state, type, zone } of chosen) if (state === "stopped") checkCapacity(engine, type, zone);
      const act = (instance: Instance) => {
        if (instance.state === "stopped") start(engine, instance);
      };
      return { StartingInstances: changeEach(chosen, act) };
    },

    RebootInstances(input) {
      const chosen = named(engine, input.InstanceIds);
      demandState(chosen, ["running"], "rebooted");
      for (const instance of chosen) {
        // The status check fails for what the guest is doing; a fresh one is healthy.
        instance.impaired = false;
        reboot(engine, instance);
      }
      return {};
    },

    GetConsoleOutput(input) {
      const instance = instances.get(required(input.InstanceId, "InstanceId"));
      const text = instance.hosted ? engine.hosts.console(instance.id) : "";
      return {
        InstanceId: instance.id,
        Timestamp: new Date(engine.context.clock.now()),
        Output: Buffer.from(text).toString("base64"),
      };
    },
  };
}

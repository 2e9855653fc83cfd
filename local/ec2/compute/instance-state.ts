import { arnOf, type Engine } from "../engine/engine.ts";
import type { Instance } from "../engine/state-compute.ts";

/** Changes an instance's state, and notifies the event bus (docs/references/aws.md#ec2-events) and the other services. */
export function setInstanceState(engine: Engine, instance: Instance, state: Instance["state"]): void {
  const previous = instance.state;
  instance.state = state;
  announceInstanceState(engine, instance, previous);
}

/** Reports a state; `previous` is undefined for a new instance. */
export function announceInstanceState(
  engine: Engine,
  instance: Instance,
  previous: Instance["state"] | undefined,
): void {
  const { state } = instance;
  engine.context.publish({
    source: "aws.ec2",
    detailType: "EC2 Instance State-change Notification",
    resources: [arnOf(engine, `instance/${instance.id}`)],
    detail: { "instance-id": instance.id, state },
  });
  for (const listener of engine.stateListeners) listener({ instanceId: instance.id, state, previous });
}

import * as z from "zod";
import { findInstances, masterIdentity } from "../gateways/ec2/compute.ts";
import { startExecution } from "../gateways/executions.ts";
import { findInstance } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { logger } from "../runtime/logger.ts";
import { table } from "../runtime/table.ts";

const env = readEnv({ REPAIR_STATE_MACHINE: NonEmpty });

const InstanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/);
/** Services describe what happens to one instance, each in its own words (aws-facts §1.2, §1.3). */
const Event = z.object({
  "detail-type": z.string(),
  time: z.iso.datetime().optional(),
  detail: z.union([
    z.object({ "instance-id": InstanceId, state: z.string().optional() }),
    z.object({ EC2InstanceId: InstanceId, AutoScalingGroupName: z.string() }),
  ]),
});

/** What happened, in the word with which the execution's name begins: one fact, one name. */
const FACTS: Readonly<Record<string, string>> = {
  "EC2 Instance State-change Notification": "repair",
  "EC2 Instance-launch Lifecycle Action": "launched",
  "EC2 Spot Instance Interruption Warning": "warned",
  "EC2 Instance Rebalance Recommendation": "warned",
};

/**
 * Something happened to an instance. If it is, or was, a master of ours, a repair is started under a name that is made of
 * what happened to which instance: five events about one death start one execution. The launch of an instance is another
 * fact than its end, so it has another name: a name is used up for 90 days (aws-facts §5.2), and what the launch began
 * must not stand in the way of the loss. The repair itself reads the truth again.
 */
const masterLost = async (event: z.output<typeof Event>): Promise<void> => {
  const { detail } = event;
  const instanceId = "instance-id" in detail ? detail["instance-id"] : detail.EC2InstanceId;
  const identity = (await findInstance(table, instanceId)) ?? (await identityByTags(instanceId));
  if (!identity) return logger.info("event about an instance that is not ours", { instanceId });
  const what = FACTS[event["detail-type"]] ?? "told";
  const state = "state" in detail && detail.state !== undefined ? `: ${detail.state}` : "";
  const detectedBy = `${event["detail-type"]}${state}`;
  const started = await startExecution(env.REPAIR_STATE_MACHINE, `${what}-${identity.member}-${instanceId}`, {
    cluster: identity.cluster,
    detectedBy,
    thorough: false,
    ...(event.time === undefined ? {} : { at: event.time }),
  });
  logger.info(`${what} ${started}`, { ...identity, instanceId, detectedBy });
};

const identityByTags = async (instanceId: string) => {
  const [instance] = await findInstances([instanceId]);
  return instance && masterIdentity(instance);
};

export const handler = eventHandler(Event, masterLost);

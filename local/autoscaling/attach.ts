import { randomUUID } from "node:crypto";
import type { Engine } from "./engine.ts";
import { findMember, validationError } from "./lookup.ts";
import type { Group } from "./model.ts";

/**
 * Takes running instances into a group and raises its desired capacity by as many. No hooks run
 * (docs/references/aws.md#hooks).
 * @throws AwsError `ValidationError` if one is not running, has a group already, or the group would exceed its maximum.
 */
export async function attachInstances(engine: Engine, group: Group, ids: readonly string[]): Promise<void> {
  const answer = await engine.ec2("DescribeInstances", { InstanceIds: [...ids] });
  const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
  for (const instance of instances) {
    if (instance.State?.Name !== "running") {
      throw validationError(`Invalid Instances: [${instance.InstanceId}] is not in the running state.`);
    }
    if (findMember(engine.state, instance.InstanceId ?? "")) {
      throw validationError(`Instance ${instance.InstanceId} is already part of an Auto Scaling group.`);
    }
  }
  if (group.desired + instances.length > group.maxSize) {
    throw validationError(
      `AutoScalingGroup ${group.name} has max-size=${group.maxSize} and cannot take ${instances.length} more.`,
    );
  }
  group.desired += instances.length;
  const now = engine.context.clock.now();
  for (const instance of instances) {
    group.members.push({
      instanceId: instance.InstanceId ?? "",
      instanceType: instance.InstanceType ?? "",
      zone: instance.Placement?.AvailabilityZone ?? "",
      subnetId: instance.SubnetId ?? "",
      imageId: instance.ImageId ?? "",
      launchTemplate: { id: "", name: "", version: "" },
      launchedAt: now,
      state: "InService",
      inServiceSince: now,
      health: "Healthy",
      unhealthyCause: "",
      protectedFromScaleIn: false,
      ec2State: "running",
      ec2StateSince: now,
      dueAt: now,
      activityId: randomUUID(),
      actions: [],
      terminateSent: false,
    });
    for (const arn of group.targetGroupArns) engine.targets?.registerInstance(arn, instance.InstanceId ?? "");
  }
  engine.wake(group);
}

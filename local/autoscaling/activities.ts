import { randomUUID } from "node:crypto";
import type { ScalingActivityStatusCode } from "@aws-sdk/client-auto-scaling";
import type { Engine } from "./engine.ts";
import type { Activity, Group } from "./model.ts";

/** Kept for all groups together. AWS keeps six weeks. */
const KEPT_ACTIVITIES = 5_000;

/** A sentence of an activity's cause: "At 2026-11-22T13:14:15Z an instance was …". */
export function causeNow(engine: Engine, cause: string): string {
  return `At ${new Date(engine.context.clock.now()).toISOString().slice(0, 19)}Z ${cause}`;
}

export function startActivity(
  engine: Engine,
  group: Group,
  request: Pick<Activity, "kind" | "description" | "cause" | "instanceId" | "details">,
): Activity {
  const activity: Activity = {
    ...request,
    id: randomUUID(),
    groupName: group.name,
    groupArn: group.arn,
    startedAt: engine.context.clock.now(),
    status: "InProgress",
    message: "",
    progress: 0,
  };
  engine.state.activities.unshift(activity);
  engine.state.activities.length = Math.min(engine.state.activities.length, KEPT_ACTIVITIES);
  return activity;
}

export function findActivity(engine: Engine, id: string): Activity | undefined {
  return engine.state.activities.find((activity) => activity.id === id);
}

export function advanceActivity(engine: Engine, id: string, status: ScalingActivityStatusCode, progress: number): void {
  const activity = findActivity(engine, id);
  if (!activity || activity.endedAt !== undefined) return;
  activity.status = status;
  activity.progress = progress;
}

/**
 * Ends an activity and says on the bus how it ended; a launch and a termination each have two events
 * (docs/references/aws.md#asg-events).
 */
export function endActivity(
  engine: Engine,
  id: string,
  status: "Successful" | "Failed" | "Cancelled",
  message = "",
): void {
  const activity = findActivity(engine, id);
  if (!activity || activity.endedAt !== undefined) return;
  activity.status = status;
  activity.message = message;
  activity.progress = 100;
  activity.endedAt = engine.context.clock.now();
  if (message) activity.description += `.  Status Reason: ${message}`;
  publishEnd(engine, activity);
}

function publishEnd(engine: Engine, activity: Activity): void {
  if (activity.kind === "other") return;
  const { region, accountId } = engine.context;
  const verb = activity.kind === "launch" ? "Launch" : "Terminate";
  const successful = activity.status === "Successful";
  const instanceArn = `arn:aws:ec2:${region}:${accountId}:instance/${activity.instanceId}`;
  engine.context.publish({
    source: "aws.autoscaling",
    detailType: `EC2 Instance ${verb} ${successful ? "Successful" : "Unsuccessful"}`,
    resources: activity.instanceId ? [activity.groupArn, instanceArn] : [activity.groupArn],
    detail: {
      // A successful end is announced while the activity still reads InProgress (ec2-auto-scaling-event-reference).
      StatusCode: successful ? "InProgress" : activity.status,
      StatusMessage: activity.message,
      Description: activity.description,
      Cause: activity.cause,
      AutoScalingGroupName: activity.groupName,
      ActivityId: activity.id,
      RequestId: activity.id,
      EC2InstanceId: activity.instanceId,
      StartTime: new Date(activity.startedAt).toISOString(),
      EndTime: new Date(activity.endedAt ?? activity.startedAt).toISOString(),
      Details: activity.details,
      Origin: activity.kind === "launch" ? "EC2" : "AutoScalingGroup",
      Destination: activity.kind === "launch" ? "AutoScalingGroup" : "EC2",
    },
  });
}

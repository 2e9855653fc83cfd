import type { InstanceMaintenancePolicy, ScalingActivityStatusCode } from "@aws-sdk/client-auto-scaling";
import type { InstanceStateName } from "@aws-sdk/client-ec2";

/** Everything that Auto Scaling remembers, as plain JSON: times are epoch milliseconds. */
export interface AutoScalingState {
  readonly groups: Record<string, Group>;
  /** Newest first, of living and deleted groups; AWS keeps six weeks, we keep a number (see `activities.ts`). */
  activities: Activity[];
}

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  minSize: number;
  maxSize: number;
  desired: number;
  launchTemplate: LaunchTemplateReference;
  zones: string[];
  /** Empty when the launch template names an existing interface, or when default subnets serve. */
  subnets: string[];
  targetGroupArns: string[];
  healthCheckType: string;
  /** Seconds, from the moment an instance is InService. */
  healthCheckGracePeriod: number;
  defaultCooldown: number;
  terminationPolicies: string[];
  protectNewInstances: boolean;
  defaultInstanceWarmup?: number;
  capacityRebalance?: boolean;
  maintenancePolicy?: InstanceMaintenancePolicy;
  tags: GroupTag[];
  hooks: LifecycleHook[];
  suspended: SuspendedProcess[];
  members: Member[];
  /**
   * Why desired and actual capacity differ, in the words of an activity's cause; spent by the activities it leads to.
   */
  capacityCause: string;
  /** Replacements still to be launched for members that were taken out as unhealthy. */
  replacementsOwed: number;
  /** Launches that failed or were abandoned since the last instance came InService. */
  failedLaunches: number;
  /** No launch before this time. */
  retryAt: number;
  /** `Delete in progress`: a forced deletion waits for its instances to end. */
  deleting: boolean;
}

export interface LaunchTemplateReference {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagate: boolean;
}

export type Transition = "autoscaling:EC2_INSTANCE_LAUNCHING" | "autoscaling:EC2_INSTANCE_TERMINATING";
export type ActionResult = "CONTINUE" | "ABANDON";

export interface LifecycleHook {
  readonly name: string;
  readonly transition: Transition;
  /** Seconds. */
  readonly heartbeatTimeout: number;
  readonly defaultResult: ActionResult;
  readonly metadata?: string;
  readonly notificationTarget?: string;
  readonly role?: string;
}

export interface SuspendedProcess {
  readonly name: string;
  readonly reason: string;
}

/** The states of an instance that this emulation passes through (docs/references/aws.md#asg-states). */
export type MemberState =
  | "Pending"
  | "Pending:Wait"
  | "Pending:Proceed"
  | "InService"
  | "Standby"
  | "Terminating"
  | "Terminating:Wait"
  | "Terminating:Proceed";

export interface Member {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly imageId: string;
  readonly launchTemplate: LaunchTemplateReference;
  readonly launchedAt: number;
  state: MemberState;
  health: "Healthy" | "Unhealthy";
  /** Why it is unhealthy, as the cause of its replacement says it: "an EC2 health check indicating …". */
  unhealthyCause: string;
  protectedFromScaleIn: boolean;
  /** What EC2 last said, and since when. */
  ec2State: InstanceStateName;
  ec2StateSince: number;
  /** Since when EC2's status checks call it impaired. */
  impairedSince?: number;
  inServiceSince?: number;
  /** When the state that only takes time (Pending:Proceed, a failed terminate call) ends. */
  dueAt: number;
  /** The launch or terminate activity that is under way. */
  activityId: string;
  actions: LifecycleAction[];
  /** TerminateInstances has been accepted for it. */
  terminateSent: boolean;
}

/** A hook that holds an instance, until it is completed or its heartbeat runs out. */
export interface LifecycleAction {
  readonly token: string;
  readonly hook: LifecycleHook;
  /** The instance is held no longer than this, whatever heartbeats come. */
  readonly latest: number;
  deadline: number;
}

export interface Activity {
  readonly id: string;
  readonly groupName: string;
  readonly groupArn: string;
  readonly cause: string;
  readonly startedAt: number;
  readonly kind: "launch" | "terminate" | "other";
  description: string;
  instanceId: string;
  details: Record<string, string>;
  status: ScalingActivityStatusCode;
  message: string;
  progress: number;
  endedAt?: number;
}

export function isPending(member: Member): boolean {
  return member.state.startsWith("Pending");
}

export function isTerminating(member: Member): boolean {
  return member.state.startsWith("Terminating");
}

/** Members that count towards the desired capacity. */
export function counted(group: Group): Member[] {
  return group.members.filter((member) => isPending(member) || member.state === "InService");
}

export function isSuspended(group: Group, process: string): boolean {
  return group.suspended.some(({ name }) => name === process);
}

import type { CreateAutoScalingGroupType, Tag, UpdateAutoScalingGroupType } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { resolveLaunchTemplate } from "./launch-template.ts";
import { validationError } from "./lookup.ts";
import type { Group, GroupTag } from "./model.ts";

const NOT_EMULATED = [
  "LaunchConfigurationName",
  "MixedInstancesPolicy",
  "AvailabilityZoneIds",
  "PlacementGroup",
  "MaxInstanceLifetime",
  "DesiredCapacityType",
  "AvailabilityZoneDistribution",
  "AvailabilityZoneImpairmentPolicy",
  "CapacityReservationSpecification",
  "InstanceLifecyclePolicy",
  "DeletionProtection",
] as const;

/** What would be silently ignored is refused, so that nobody believes it tested. */
export function refuseWhatIsNotEmulated(input: CreateAutoScalingGroupType | UpdateAutoScalingGroupType): void {
  const found = NOT_EMULATED.find((member) => input[member] !== undefined);
  if (found) throw validationError(`${found} is not supported by this local cloud.`);
  if ((input.InstanceMaintenancePolicy?.MaxHealthyPercentage ?? 100) > 100) {
    throw validationError(
      "InstanceMaintenancePolicy with MaxHealthyPercentage above 100 is not supported by this local cloud.",
    );
  }
}

/** @throws AwsError `ValidationError` unless min ≤ desired ≤ max. */
export function checkSizes(sizes: { min: number; max: number; desired: number }): void {
  const { min, max, desired } = sizes;
  if (min < 0 || max < min)
    throw validationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (desired < min || desired > max) {
    throw validationError(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
  }
}

/**
 * Where a group may launch: the zones of its subnets, in their order, or its zones alone.
 * @throws AwsError `ValidationError` if neither is given, or a subnet does not exist.
 */
export async function resolvePlacement(
  engine: Engine,
  input: { VPCZoneIdentifier?: string | undefined; AvailabilityZones?: string[] | undefined },
): Promise<Pick<Group, "zones" | "subnets">> {
  const subnets = (input.VPCZoneIdentifier ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
  if (subnets.length === 0) {
    const zones = input.AvailabilityZones ?? [];
    if (zones.length === 0) throw validationError("At least one Availability Zone or VPC Subnet is required.");
    if (engine.zonesNeedDefaultVpc) await requireDefaultSubnets(engine, zones);
    return { zones, subnets };
  }
  const found = await describeSubnets(engine, subnets);
  const zones = subnets.map((id) => {
    const zone = found.get(id);
    if (!zone) throw validationError(`The subnet ID '${id}' does not exist`);
    return zone;
  });
  const stranger = (input.AvailabilityZones ?? []).find((zone) => !zones.includes(zone));
  if (stranger)
    throw validationError("The availability zones of the specified subnets and the Auto Scaling group do not match");
  return { zones, subnets };
}

/** What Auto Scaling might say; the form is documented, this case is not (docs/references/aws.md#fixed-interface). */
async function requireDefaultSubnets(engine: Engine, zones: readonly string[]): Promise<void> {
  const { Subnets = [] } = await engine.ec2("DescribeSubnets", {
    Filters: [{ Name: "default-for-az", Values: ["true"] }],
  });
  const missing = zones.find((zone) => !Subnets.some(({ AvailabilityZone }) => AvailabilityZone === zone));
  if (missing !== undefined) throw validationError(`No default subnet for availability zone: '${missing}'.`);
}

async function describeSubnets(engine: Engine, ids: string[]): Promise<Map<string, string>> {
  try {
    const answer = await engine.ec2("DescribeSubnets", { SubnetIds: ids });
    return new Map((answer.Subnets ?? []).map((each) => [each.SubnetId ?? "", each.AvailabilityZone ?? ""]));
  } catch (error) {
    if (error instanceof AwsError) throw validationError(error.message);
    throw error;
  }
}

/**
 * The launch template of a request. One that names an existing interface excludes subnets and a second instance
 * (docs/references/aws.md#fixed-interface).
 */
export async function resolveTemplate(
  engine: Engine,
  input: Pick<CreateAutoScalingGroupType, "LaunchTemplate">,
  group: { subnets: string[]; maxSize: number },
): Promise<Group["launchTemplate"]> {
  if (!input.LaunchTemplate) {
    throw validationError(
      "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
    );
  }
  const { reference, data } = await resolveLaunchTemplate(engine, input.LaunchTemplate);
  const named = (data.NetworkInterfaces ?? []).some((each) => each.NetworkInterfaceId);
  if (named && group.subnets.length > 0) {
    throw validationError(
      "VPCZoneIdentifier must be empty when the launch template specifies an existing network interface.",
    );
  }
  if (named && group.maxSize > 1) {
    throw validationError(
      "MaxSize must not exceed 1 when the launch template specifies an existing network interface.",
    );
  }
  return reference;
}

export function toGroupTags(tags: readonly Tag[] | undefined): GroupTag[] {
  return (tags ?? []).map((tag) => ({
    key: tag.Key ?? "",
    value: tag.Value ?? "",
    propagate: tag.PropagateAtLaunch ?? false,
  }));
}

/** @throws AwsError `ValidationError` for one that does not exist or takes addresses instead of instances. */
export function checkTargetGroups(engine: Engine, arns: readonly string[]): void {
  if (arns.some((arn) => !engine.targets?.acceptsInstances(arn))) {
    throw validationError("Provided Target Groups may not be valid. Please ensure they exist and try again.");
  }
}

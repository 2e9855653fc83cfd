import { AwsError } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue, required } from "../engine/errors.ts";
import type { Image, Instance } from "../engine/state-compute.ts";
import type { Subnet } from "../engine/state-network.ts";
import { type InstanceTypeFacts, instanceTypes, isOffered } from "./instance-type-table.ts";
import type { LaunchParameters } from "./launch-parameters.ts";

const userDataLimit = 16_384;

/** @throws AwsError `InvalidAMIID.*`, or `InvalidParameterValue` for an unknown type or the wrong architecture. */
export function checkedMachine(
  engine: Engine,
  parameters: LaunchParameters,
): { image: Image; type: InstanceTypeFacts } {
  const image = engine.store.images.get(required(parameters.imageId, "ImageId"));
  const type = instanceTypes.find((each) => each.name === parameters.instanceType);
  if (!type) throw invalidValue(`Invalid value '${parameters.instanceType}' for InstanceType.`);
  if (type.architecture !== image.architecture) {
    throw invalidValue(
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  }
  return { image, type };
}

/** @throws AwsError `Unsupported` where the type is not offered, `InsufficientInstanceCapacity` (a server's fault). */
export function checkCapacity(engine: Engine, type: string, zone: string): void {
  if (!isOffered(type, zone)) {
    throw new AwsError(
      "Unsupported",
      `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}).`,
    );
  }
  const { exhausted, zones } = engine.impairments;
  if (exhausted.has(zone) || exhausted.has(`${zone}/${type}`) || zones.get(zone) === "unavailable") {
    throw new AwsError(
      "InsufficientInstanceCapacity",
      `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.`,
      { status: 500 },
    );
  }
}

/** @throws AwsError `VcpuLimitExceeded` when what runs would have more vCPUs than the quota of standard types. */
export function checkVcpus(engine: Engine, type: InstanceTypeFacts, count: number): void {
  const used = engine.store.instances
    .list()
    .filter(({ state }) => state === "pending" || state === "running")
    .reduce((sum, each) => sum + (instanceTypes.find(({ name }) => name === each.type)?.vcpus ?? 0), 0);
  const limit = engine.quotas.limit("standardVcpus");
  if (used + type.vcpus * count > limit) {
    throw new AwsError(
      "VcpuLimitExceeded",
      `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
    );
  }
}

/** @throws AwsError `InvalidUserData.Malformed`, or `InvalidParameterValue` beyond 16 KB before encoding. */
export function checkUserData(userData: string): void {
  const compact = userData.replace(/\s/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(compact)) {
    throw new AwsError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
  }
  if (Buffer.from(compact, "base64").length > userDataLimit) {
    throw invalidValue(`User data is limited to ${userDataLimit} bytes`);
  }
}

/** The profile's ARN. @throws AwsError `InvalidParameterValue` for a profile that IAM does not know */
export function checkedProfile(engine: Engine, profile: string | undefined): string | undefined {
  if (profile === undefined) return undefined;
  const role = engine.instanceRoles(profile);
  if (!role) {
    const member = profile.startsWith("arn:") ? "arn" : "name";
    throw invalidValue(
      `Value (${profile}) for parameter iamInstanceProfile.${member} is invalid. Invalid IAM Instance Profile ${member === "arn" ? "ARN" : "name"}`,
    );
  }
  return role.profileArn;
}

/** IMDSv2 only, one hop, unless asked otherwise: what the images here demand. */
export function metadataOptions(given: LaunchParameters["metadata"]): Instance["metadata"] {
  const hops = given.HttpPutResponseHopLimit ?? 1;
  if (hops < 1 || hops > 64) throw invalidValue("HttpPutResponseHopLimit must be between 1 and 64.");
  return {
    HttpTokens: given.HttpTokens ?? "required",
    HttpPutResponseHopLimit: hops,
    HttpEndpoint: given.HttpEndpoint ?? "enabled",
    InstanceMetadataTags: given.InstanceMetadataTags ?? "disabled",
  };
}

/** @throws AwsError `InvalidParameterValue` when the request names another zone than the subnet's. */
export function checkZone(subnet: Subnet, zone: string | undefined): void {
  if (zone !== undefined && zone !== subnet.zone) {
    throw invalidValue(
      `Value (${zone}) for parameter availabilityZone is invalid. The subnet '${subnet.id}' is in '${subnet.zone}'.`,
    );
  }
}

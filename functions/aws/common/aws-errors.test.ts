import { describe, expect, test } from "vitest";
import { ERROR_NAMES } from "../../domain/cluster/error-table.ts";
import { toDomainError, unlessGone } from "./aws-errors.ts";

/** As the SDK throws it. */
function errorOf(name: string, message: string, $fault: "client" | "server" = "client"): Error {
  return Object.assign(new Error(message), { name, $fault });
}

function nameOf(name: string, message: string): unknown {
  const found = toDomainError(errorOf(name, message));
  return found instanceof Error ? found.name : found;
}

describe("M1, R1: what IAM has not propagated yet is requested again", () => {
  const profile = "holdfast-a.example.com-masters-a-9a042188";

  test.each([
    [
      "ValidationError",
      `You must use a valid fully-formed launch template. Value (${profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    ],
    [
      "InvalidParameterValue",
      `Value (${profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    ],
    [
      "InvalidParameterValue",
      `IAM Instance Profile "arn:aws:iam::123456789012:instance-profile/${profile}" has no associated IAM Roles`,
    ],
    ["ValidationError", "ARN specified for Service-Linked Role does not exist."],
    ["ValidationError", "The default Service-Linked Role for Auto Scaling could not be created: not found."],
    ["ServiceLinkedRoleFailureFault", "The service-linked role is not yet ready for use."],
    ["NoSuchEntityException", "The role with name x cannot be found."],
  ])("%s: %s", (name, message) => {
    expect(nameOf(name, message)).toBe("NotReadyYet");
  });

  test("a template that is wrong in another way is not", () => {
    const message = "You must use a valid fully-formed launch template. The image id '[ami-1]' does not exist";

    expect(nameOf("ValidationError", message)).toBe("RequestRefused");
  });
});

describe("M3: a group without subnets is refused where there is no default VPC", () => {
  test.each([
    ["ValidationError", "No default subnet for availability zone: 'us-west-2a'."],
    ["ValidationError", "You must use a valid fully-formed launch template. No default VPC for this user"],
    ["MissingInput", "No subnets found for the default VPC 'vpc-1'. Please specify a subnet."],
  ])("%s: %s", (name, message) => {
    expect(nameOf(name, message)).toBe("DefaultVpcMissing");
  });
});

describe("R9: every documented error of the calls that flows make has a name of ours", () => {
  test.each([
    // EC2, "Error codes for the Amazon EC2 API": common ones and those of the calls that create.
    ["OptInRequired", "RequestRefused"],
    ["PendingVerification", "RequestRefused"],
    ["Blocked", "RequestRefused"],
    ["InvalidParameterValue", "RequestRefused"],
    ["InvalidAMIID.NotFound", "RequestRefused"],
    ["InvalidAMIID.Unavailable", "RequestRefused"],
    ["InvalidKMSKey.InvalidState", "RequestRefused"],
    ["InvalidSubnet.Range", "RequestRefused"],
    ["Unsupported", "RequestRefused"],
    ["SubnetLimitExceeded", "QuotaReached"],
    ["RouteTableLimitExceeded", "QuotaReached"],
    ["SecurityGroupLimitExceeded", "QuotaReached"],
    ["ConcurrentTagAccess", "NotReadyYet"],
    ["InvalidGatewayID.NotFound", "NotReadyYet"],
    // Auto Scaling, CreateAutoScalingGroup and its like.
    ["ResourceContentionFault", "NotReadyYet"],
    ["LimitExceededFault", "QuotaReached"],
    ["ScalingActivityInProgressFault", "NotReadyYet"],
    // Elastic Load Balancing.
    ["TooManyTargetGroupsException", "QuotaReached"],
    ["TooManyListenersException", "QuotaReached"],
    ["InvalidConfigurationRequestException", "RequestRefused"],
    ["SubnetNotFoundException", "RequestRefused"],
    ["OperationNotPermittedException", "RequestRefused"],
    // IAM, Systems Manager, Route 53.
    ["EntityTemporarilyUnmodifiableException", "NotReadyYet"],
    ["ConcurrentModificationException", "NotReadyYet"],
    ["MalformedPolicyDocumentException", "RequestRefused"],
    ["ParameterLimitExceeded", "QuotaReached"],
    ["InvalidKeyId", "RequestRefused"],
    ["NoSuchHostedZone", "RequestRefused"],
    ["PriorRequestNotComplete", "NotReadyYet"],
  ])("%s is %s", (code, name) => {
    expect(nameOf(code, "as AWS words it")).toBe(name);
    expect(ERROR_NAMES).toContain(name);
  });

  test("a fault of the server passes, whatever it is called", () => {
    const found = toDomainError(errorOf("InternalFailure", "We encountered an internal error.", "server"));

    expect(found).toMatchObject({ name: "NotReadyYet", message: "InternalFailure: We encountered an internal error." });
  });

  test("a fault of our own keeps its name", () => {
    const fault = new TypeError("x is undefined");

    expect(toDomainError(fault)).toBe(fault);
  });

  test.each([
    ["OperationNotPermittedException", "Load balancer 'x' cannot be deleted because deletion protection is enabled"],
    [
      "OperationNotPermitted",
      "The instance 'i-1' may not be terminated. Modify its 'disableApiTermination' attribute.",
    ],
    ["UnmodifiableEntityException", "Cannot perform the operation on the protected role."],
    ["InvalidAddress.Locked", "Elastic IP address [203.0.113.1] is locked."],
    ["ResourceInUseFault", "The group has deletion protection and cannot be deleted."],
  ])("a removal that meets %s is DeletionBlocked", async (name, message) => {
    await expect(unlessGone(Promise.reject(errorOf(name, message)))).rejects.toMatchObject({
      name: "DeletionBlocked",
      message: `${name}: ${message}`,
    });
  });
});

test("17.1: an answer without a body, as to HeadObject, is a missing permission by its status alone", () => {
  expect(nameOf("403", "UnknownError")).toBe("AccessMissing");
});

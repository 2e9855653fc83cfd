import { createHash } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * Twelve capitals and digits, as CloudFormation appends; the same for the same seed, so that a restart finds its state.
 */
export function nameSuffix(seed: string): string {
  const digest = createHash("sha256").update(seed).digest();
  return [...digest.subarray(0, 12)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}

/** `Holdfast-Table-ABC123…`: the name of a resource that the template leaves to CloudFormation. */
export function physicalName(stackName: string, logicalId: string, maxLength = 64): string {
  const suffix = nameSuffix(`${stackName}/${logicalId}`);
  return `${`${stackName}-${logicalId}`.slice(0, maxLength - suffix.length - 1)}-${suffix}`;
}

/** Lower-case id of ten characters as API Gateway gives. */
export function gatewayId(stackName: string, logicalId: string): string {
  return nameSuffix(`${stackName}/${logicalId}`).slice(0, 10).toLowerCase();
}

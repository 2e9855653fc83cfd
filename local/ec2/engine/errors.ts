import { AwsError } from "../../wire/contract.ts";

/** EC2 names parameters in errors as the wire does, with a small first letter. */
function wireName(parameter: string): string {
  return parameter.charAt(0).toLowerCase() + parameter.slice(1);
}

/** A parameter that the caller must give. @throws AwsError `MissingParameter` */
export function required<T>(value: T | undefined, parameter: string): T {
  if (value === undefined || value === "") {
    throw new AwsError("MissingParameter", `The request must contain the parameter ${wireName(parameter)}`);
  }
  return value;
}

export function invalidValue(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}

export function invalidParameter(value: string | number, parameter: string, why = ""): AwsError {
  return invalidValue(`Value (${value}) for parameter ${wireName(parameter)} is invalid. ${why}`.trimEnd());
}

export function invalidCombination(message: string): AwsError {
  return new AwsError("InvalidParameterCombination", message);
}

/** Something still needs what the caller wants to delete. */
export function dependencyViolation(kind: string, id: string): AwsError {
  return new AwsError("DependencyViolation", `The ${kind} '${id}' has dependencies and cannot be deleted.`);
}

/** A feature of EC2 that the local cloud does not emulate: refused loudly instead of ignored. */
export function notEmulated(feature: string): AwsError {
  return new AwsError("UnsupportedOperation", `The local cloud does not emulate ${feature}.`);
}

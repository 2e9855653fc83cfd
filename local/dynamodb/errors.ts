import { AwsError } from "../wire/contract.ts";

/** The request breaks a rule; `message` is AWS's wording where that is known. */
export function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function resourceNotFound(message = "Requested resource not found"): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

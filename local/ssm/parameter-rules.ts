import type { ParameterTier } from "@aws-sdk/client-ssm";
import { AwsError } from "../wire/contract.ts";

/** Characters of a value (docs/references/aws.md#ssm). */
const STANDARD_SIZE = 4_096;
const ADVANCED_SIZE = 8_192;
const MAX_LEVELS = 15;

export function validationException(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

/**
 * @throws AwsError for a name outside `[a-zA-Z0-9_.-/]`, a relative path, a reserved prefix, or more than 15 levels.
 */
export function checkName(name: string): void {
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validationException(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive): ${name}`);
  }
  if (!/^[a-zA-Z0-9_./-]+$/.test(name)) {
    throw validationException(
      "Parameter name: only a mix of letters, numbers and the following 4 symbols .-_/ are allowed.",
    );
  }
  if (name.includes("/") && !name.startsWith("/"))
    throw validationException("Parameter name must be a fully qualified name.");
  if (name.split("/").length - 1 > MAX_LEVELS) {
    throw new AwsError(
      "HierarchyLevelLimitExceededException",
      `A hierarchy can have a maximum of ${MAX_LEVELS} levels.`,
    );
  }
}

export function chooseTier(asked: ParameterTier, value: string): ParameterTier {
  if (asked !== "Intelligent-Tiering") return asked;
  return value.length > STANDARD_SIZE ? "Advanced" : "Standard";
}

/** @throws AwsError `ValidationException` for an empty value, or one too long for its tier. */
export function checkSize(tier: ParameterTier, value: string): void {
  if (value === "")
    throw validationException(
      "Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (tier === "Standard" && value.length > STANDARD_SIZE) {
    throw validationException(
      `Standard tier parameters support a maximum parameter value of ${STANDARD_SIZE} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
    );
  }
  if (value.length > ADVANCED_SIZE) {
    throw validationException(
      `Advanced tier parameters support a maximum parameter value of ${ADVANCED_SIZE} characters.`,
    );
  }
}

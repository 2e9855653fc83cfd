import { validationError } from "./errors.ts";

/** What requests had before there were expressions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html */
const legacyParameters = [
  "AttributesToGet",
  "AttributeUpdates",
  "ConditionalOperator",
  "Expected",
  "KeyConditions",
  "QueryFilter",
  "ScanFilter",
];

/** Throws for parameters that AWS still understands and the local cloud does not, rather than ignore them. */
export function refuseLegacyParameters(request: object): void {
  const used = legacyParameters.find((name) => Object.hasOwn(request, name));
  if (used === undefined) return;
  throw validationError(`The local cloud does not emulate the legacy parameter ${used}; use an expression.`);
}

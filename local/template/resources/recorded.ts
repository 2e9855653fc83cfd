import type { Provision } from "../resource-type.ts";

/** `AWS::CDK::Metadata`: has no attributes and does nothing. */
export const provisionNothing: Provision = (request) => ({ ref: request.name(), attributes: {} });

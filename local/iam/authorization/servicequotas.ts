import type * as sq from "@aws-sdk/client-service-quotas";
import { type Demands, type Mapping, mappingOf } from "./demand.ts";

/** "Actions, resources, and condition keys for Service Quotas": reading knows no resources. */
export function serviceQuotasMapping(): Mapping {
  const demands: Demands<typeof sq> = {};
  return mappingOf("servicequotas", demands, /^(Get|List)/);
}

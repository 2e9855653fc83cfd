import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { clientSettings } from "../common/aws-client.ts";

export const quotas = new ServiceQuotasClient(clientSettings);

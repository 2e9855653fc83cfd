import { SSMClient } from "@aws-sdk/client-ssm";
import { clientSettings } from "../common/aws-client.ts";

export const ssm = new SSMClient(clientSettings);

import { STSClient } from "@aws-sdk/client-sts";
import { clientSettings } from "../common/aws-client.ts";

export const sts = new STSClient(clientSettings);

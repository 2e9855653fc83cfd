import { IAMClient } from "@aws-sdk/client-iam";
import { clientSettings } from "../common/aws-client.ts";

export const iam = new IAMClient(clientSettings);

import { SFNClient } from "@aws-sdk/client-sfn";
import { clientSettings } from "../common/aws-client.ts";

export const sfn = new SFNClient(clientSettings);

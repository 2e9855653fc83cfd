import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { clientSettings } from "../common/aws-client.ts";

export const autoScaling = new AutoScalingClient(clientSettings);

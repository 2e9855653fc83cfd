import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { clientSettings } from "../common/aws-client.ts";

export const eventBridge = new EventBridgeClient(clientSettings);

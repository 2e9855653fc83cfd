import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { ClientSettings } from "./client-settings.ts";

export function getCallerIdentity(settings: ClientSettings) {
  return new STSClient(settings).send(new GetCallerIdentityCommand({}));
}

import { Route53Client } from "@aws-sdk/client-route-53";
import { clientSettings } from "../common/aws-client.ts";

export const route53 = new Route53Client(clientSettings);

import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { clientSettings } from "../common/aws-client.ts";

export const elb = new ElasticLoadBalancingV2Client(clientSettings);

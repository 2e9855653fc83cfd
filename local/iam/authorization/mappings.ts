import { autoScalingMapping } from "./autoscaling.ts";
import type { CloudState } from "./cloud-state.ts";
import type { Mapping } from "./demand.ts";
import { dynamoDbMapping } from "./dynamodb.ts";
import { ec2Mapping } from "./ec2.ts";
import { loadBalancingMapping } from "./elasticloadbalancing.ts";
import { eventsMapping } from "./events.ts";
import { iamMapping } from "./iam.ts";
import { lambdaMapping } from "./lambda.ts";
import { route53Mapping } from "./route53.ts";
import { s3Mapping } from "./s3.ts";
import { serviceQuotasMapping } from "./servicequotas.ts";
import { ssmMapping } from "./ssm.ts";
import { statesMapping } from "./states.ts";
import { stsMapping } from "./sts.ts";

/** What IAM checks for the operations of each service, by the name in a signature's scope. */
export function createMappings(cloud: CloudState): ReadonlyMap<string, Mapping> {
  return new Map([
    ["autoscaling", autoScalingMapping(cloud)],
    ["dynamodb", dynamoDbMapping(cloud)],
    ["ec2", ec2Mapping(cloud)],
    ["elasticloadbalancing", loadBalancingMapping(cloud)],
    ["events", eventsMapping(cloud)],
    ["iam", iamMapping(cloud)],
    ["lambda", lambdaMapping(cloud)],
    ["route53", route53Mapping()],
    ["s3", s3Mapping(cloud)],
    ["servicequotas", serviceQuotasMapping()],
    ["ssm", ssmMapping(cloud)],
    ["states", statesMapping()],
    ["sts", stsMapping()],
  ]);
}

import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EVENT_BUS } from "../../functions/domain/cluster/naming.ts";
import { arn } from "./arn.ts";

/** To put events of our own source on our own bus; nobody else's can be forged with it. */
export function publishEvents(): PolicyStatement {
  return new PolicyStatement({
    actions: ["events:PutEvents"],
    resources: [arn("events", `event-bus/${EVENT_BUS}`)],
    conditions: { StringEquals: { "events:source": "holdfast" } },
  });
}

/** To call routes of an HTTP API: `GET/clusters/*`. */
export function callApi(apiId: string, ...routes: string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["execute-api:Invoke"],
    resources: routes.map((route) => arn("execute-api", `${apiId}/$default/${route}`)),
  });
}

import { CfnCondition, CfnOutput, CfnParameter, Fn } from "aws-cdk-lib";
import { CfnEventBus, CfnEventBusPolicy, CfnRule } from "aws-cdk-lib/aws-events";
import { CfnPermission, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { takeUndelivered } from "./dead-letter-queue.ts";

const BUS = "holdfast-fleet";

export interface FleetHubProps {
  /** Does the work of fleets. */
  readonly fleet: LambdaFunction;
  readonly undelivered: IQueue;
}

/**
 * What makes this stack a hub: a bus on which the organization's accounts put the events of their Holdfasts. It is there
 * only if the organization is named. Other accounts' events are refused by its policy.
 */
export class FleetHub extends Construct {
  constructor(scope: Construct, id: string, { fleet, undelivered }: FleetHubProps) {
    super(scope, id);
    const organization = new CfnParameter(this, "FleetOrganization", {
      default: "",
      description: "Id of the AWS organization (o-…) whose Holdfasts may join this one as their hub; empty: none",
    });
    organization.overrideLogicalId("FleetOrganization");
    const condition = new CfnCondition(this, "IsHub", {
      expression: Fn.conditionNot(Fn.conditionEquals(organization.valueAsString, "")),
    });
    const bus = new CfnEventBus(this, "Bus", { name: BUS, description: "Events of the Holdfasts that have joined" });
    const policy = new CfnEventBusPolicy(this, "Policy", {
      eventBusName: bus.ref,
      statementId: "OnlyTheOrganization",
      statement: {
        Effect: "Allow",
        Principal: "*",
        Action: "events:PutEvents",
        Resource: bus.attrArn,
        Condition: {
          StringEquals: { "aws:PrincipalOrgID": organization.valueAsString, "events:source": "holdfast" },
        },
      },
    });
    const rule = new CfnRule(this, "Reported", {
      description: "A cluster of an endpoint has changed: its endpoint is asked how it is",
      eventBusName: bus.ref,
      eventPattern: { source: ["holdfast"] },
      targets: [{ id: "fleet", arn: fleet.functionArn, deadLetterConfig: { arn: undelivered.queueArn } }],
    });
    const permission = new CfnPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: fleet.functionArn,
      principal: "events.amazonaws.com",
      sourceArn: rule.attrArn,
    });
    takeUndelivered(undelivered, BUS);
    for (const each of [bus, policy, rule, permission]) each.cfnOptions.condition = condition;
    new CfnOutput(this, "BusArn", {
      condition,
      value: bus.attrArn,
      description: "HubBus of the stacks that join this one",
    }).overrideLogicalId("HubBusArn");
    new CfnOutput(this, "RoleArn", {
      value: fleet.role?.roleArn ?? "",
      description: "HubRole of the stacks that join this one",
    }).overrideLogicalId("HubRoleArn");
  }
}

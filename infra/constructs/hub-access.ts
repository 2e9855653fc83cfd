import { CfnCondition, CfnOutput, CfnParameter, Fn, Validations } from "aws-cdk-lib";
import { CfnRule, type EventBus } from "aws-cdk-lib/aws-events";
import { CfnPolicy, CfnRole } from "aws-cdk-lib/aws-iam";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { EVENT_BUS } from "../../functions/domain/cluster/naming.ts";
import { HUB_ROLE_PATH } from "../../functions/domain/fleet/endpoint-records.ts";
import { arn } from "../permissions/arn.ts";
import { takeUndelivered } from "./dead-letter-queue.ts";

export interface HubAccessProps {
  readonly apiId: string;
  /** The bus of our own events. */
  readonly bus: EventBus;
  readonly undelivered: IQueue;
}

/** Routes that a hub needs: to look, and to change a cluster. No role lets it create or delete one. */
const READS = ["GET/clusters", "GET/clusters/*", "GET/operations/*", "GET/openapi.json"];
const CHANGES = ["PATCH/clusters/*"];

/**
 * What lets a hub in: a role by which it may call our API, and a rule that forwards our events to its bus. Both are
 * there only if a hub is named. The role's policy holds whatever the rules of the API say; those may narrow it.
 */
export class HubAccess extends Construct {
  constructor(scope: Construct, id: string, { apiId, bus, undelivered }: HubAccessProps) {
    super(scope, id);
    const { hubRole, hubBus, grant } = this.#parameters();
    const joins = this.#conditionOf("JoinsHub", hubRole);
    const forwards = this.#conditionOf("ForwardsToHub", hubBus);
    const changes = new CfnCondition(this, "HubChanges", {
      expression: Fn.conditionAnd(joins, Fn.conditionEquals(grant, "operator")),
    });
    const invoke = (routes: readonly string[]) => ({
      Effect: "Allow",
      Action: "execute-api:Invoke",
      Resource: routes.map((route) => arn("execute-api", `${apiId}/$default/${route}`)),
    });
    const role = new CfnRole(this, "Role", {
      path: HUB_ROLE_PATH,
      description: "Lets the hub of the fleet call this Holdfast's API",
      assumeRolePolicyDocument: trust({ AWS: hubRole }),
      policies: [{ policyName: "reads", policyDocument: document(invoke(READS)) }],
    });
    role.cfnOptions.condition = joins;
    const operator = new CfnPolicy(this, "Operator", {
      policyName: "changes",
      roles: [role.ref],
      policyDocument: document(invoke(CHANGES)),
    });
    operator.cfnOptions.condition = changes;
    const sender = new CfnRole(this, "Sender", {
      description: "Puts the events of this Holdfast on the bus of its hub",
      assumeRolePolicyDocument: trust({ Service: "events.amazonaws.com" }),
      policies: [
        {
          policyName: "put",
          policyDocument: document({ Effect: "Allow", Action: "events:PutEvents", Resource: hubBus }),
        },
      ],
    });
    sender.cfnOptions.condition = forwards;
    const rule = new CfnRule(this, "Forward", {
      description: "Sends changes of clusters to the hub of the fleet",
      eventBusName: bus.eventBusName,
      eventPattern: { source: ["holdfast"] },
      targets: [{ id: "hub", arn: hubBus, roleArn: sender.attrArn, deadLetterConfig: { arn: undelivered.queueArn } }],
    });
    rule.cfnOptions.condition = forwards;
    takeUndelivered(undelivered, EVENT_BUS);
    Validations.of(rule).acknowledge({
      id: "CloudFormation-Validate::W1030",
      reason: "Where the parameter is empty its condition leaves the rule out",
    });
    new CfnOutput(this, "RoleArn", {
      condition: joins,
      value: role.attrArn,
      description: "The --role of `holdfast fleet join`",
    }).overrideLogicalId("HubAccessRoleArn");
  }

  #parameters() {
    const parameter = (name: string, description: string, more: { default: string; allowedValues?: string[] }) => {
      const made = new CfnParameter(this, name, { description, ...more });
      made.overrideLogicalId(name);
      return made.valueAsString;
    };
    return {
      hubRole: parameter("HubRole", "HubRoleArn of the hub's stack, which may then call this API; empty: none", {
        default: "",
      }),
      hubBus: parameter("HubBus", "HubBusArn of the hub's stack, to which events are forwarded; empty: none", {
        default: "",
      }),
      grant: parameter("HubGrant", "What the hub may do: see clusters (viewer), or change them too (operator)", {
        default: "viewer",
        allowedValues: ["viewer", "operator"],
      }),
    };
  }

  #conditionOf(name: string, value: string): CfnCondition {
    return new CfnCondition(this, name, { expression: Fn.conditionNot(Fn.conditionEquals(value, "")) });
  }
}

function document(statement: unknown) {
  return { Version: "2012-10-17", Statement: [statement] };
}

function trust(principal: Readonly<Record<string, string>>) {
  return document({ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" });
}

import { Stack } from "aws-cdk-lib";
import { Effect, ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { TAG } from "../../functions/domain/cluster/naming.ts";
import { AGENT_ACTIONS, instanceActions } from "../../functions/domain/permissions/instance-policies.ts";
import { NO_OWN_TAGS } from "../../functions/domain/permissions/policy-statements.ts";

/** Each of them is root on other machines of the account, or a step to it. */
const COMMANDS = [
  "ssm:CreateAssociation*",
  "ssm:CreateDocument",
  "ssm:DeleteDocument",
  "ssm:ModifyDocumentPermission",
  "ssm:ResumeSession",
  "ssm:SendCommand",
  "ssm:Start*",
  "ssm:UpdateAssociation",
  "ssm:UpdateDocument*",
];

/** Partition keys that instances write health to. */
const HEARTBEATS = "HEARTBEAT#*";

/** The route at which a node asks for its certificate. */
const JOIN_ROUTE = "POST/clusters/*/nodes/*/certificate";

interface Surroundings {
  readonly secretsKeyArn: string;
  /** The table that masters write their health to. */
  readonly heartbeatTableArn: string;
  readonly backupBucketArn: string;
}

/**
 * The maximum permissions of every instance role, whatever its own policy allows and whoever assumes it. Limited to
 * 6,144 characters, so conditions of one cluster stand in the role's own policy.
 */
export class PermissionsBoundary extends Construct {
  readonly policy: ManagedPolicy;
  readonly #surroundings: Surroundings;

  constructor(scope: Construct, id: string, surroundings: Surroundings) {
    super(scope, id);
    this.#surroundings = surroundings;
    this.policy = new ManagedPolicy(this, "Policy", {
      description: "Upper bound of the instance roles of Holdfast's clusters",
      statements: [...this.#allowed(), ...this.#denied()],
    });
  }

  #allowed(): PolicyStatement[] {
    const { secretsKeyArn, heartbeatTableArn, backupBucketArn } = this.#surroundings;
    const of = (...services: string[]) =>
      instanceActions().filter((action) => services.some((service) => action.startsWith(`${service}:`)));
    const parameters = (...paths: string[]) => paths.map((path) => this.#arn("ssm", `parameter/holdfast/*/${path}`));
    return [
      new PolicyStatement({ actions: [...of("ec2", "elasticloadbalancing"), ...AGENT_ACTIONS], resources: ["*"] }),
      // Not what lies under `control/`: the authorities with their keys.
      new PolicyStatement({
        actions: ["ssm:GetParameter", "ssm:GetParameters"],
        resources: parameters("masters/*"),
      }),
      new PolicyStatement({
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: [secretsKeyArn],
        conditions: {
          StringEquals: {
            "kms:ViaService": ["s3", "ssm"].map((service) => `${service}.${Stack.of(this).region}.amazonaws.com`),
          },
        },
      }),
      // Neither to list nor to delete: a master that was taken over reaches no other backup, and removes none.
      new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [`${backupBucketArn}/clusters/*`] }),
      new PolicyStatement({
        actions: ["dynamodb:PutItem"],
        resources: [heartbeatTableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [HEARTBEATS] } },
      }),
      new PolicyStatement({
        actions: ["execute-api:Invoke"],
        resources: [this.#arn("execute-api", `*/*/${JOIN_ROUTE}`)],
      }),
    ];
  }

  #denied(): PolicyStatement[] {
    const deny = (actions: readonly string[], resources: string[], conditions = {}) =>
      new PolicyStatement({ effect: Effect.DENY, actions: [...actions], resources, conditions });
    const ec2 = (type: string) => this.#arn("ec2", `${type}/*`);
    return [
      ...NO_OWN_TAGS.map(({ Action, Condition }) => deny(Action, ["*"], Condition)),
      deny(COMMANDS, ["*"]),
      // Nothing on a host takes a member's volume, or removes what Holdfast made.
      deny(
        [
          "ec2:AttachVolume",
          "ec2:DeleteNetworkInterface",
          "ec2:DeleteSecurityGroup",
          "ec2:DeleteVolume",
          "ec2:DetachVolume",
          "ec2:ModifyVolume",
        ],
        [ec2("volume"), ec2("network-interface"), ec2("security-group")],
        { Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" } },
      ),
      // Only instances use these roles: whoever else assumes one gets nothing. The key is a property of the session, in calls
      // to every service; what a service does in the session's name (SSM with KMS) is let pass.
      deny(["*"], ["*"], {
        Null: { "ec2:SourceInstanceARN": "true" },
        BoolIfExists: { "aws:ViaAWSService": "false" },
      }),
    ];
  }

  #arn(service: string, resource: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }
}

import { Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { EVENT_BUS, TAG } from "../functions/domain/naming.ts";

/**
 * Rights of functions, each narrowed to what Holdfast owns. Resources carry the owner's tag from the call that makes
 * them, so "create" asks for the tag in the request, and "change" for the tag on the resource.
 */
export class Rights {
  readonly #stack: Stack;

  constructor(scope: Construct) {
    this.#stack = Stack.of(scope);
  }

  protected arn(service: string, resource: string, options: { region?: string; account?: string } = {}): string {
    const { partition, region, account } = this.#stack;
    return `arn:${partition}:${service}:${options.region ?? region}:${options.account ?? account}:${resource}`;
  }

  /** EC2, Auto Scaling and ELB know no narrower resource for Describe than everything. */
  describe(...actions: string[]): PolicyStatement {
    return new PolicyStatement({ actions, resources: ["*"] });
  }

  /** To create EC2 resources of these types, tagged as ours in the same call. */
  createEc2(actions: string[], types: string[]): PolicyStatement {
    return new PolicyStatement({
      actions,
      resources: types.map((type) => this.arn("ec2", `${type}/*`)),
      conditions: { Null: { [`aws:RequestTag/${TAG.uid}`]: "false" } },
    });
  }

  /** To tag, but only within one of these creating calls. */
  tagOnCreate(...creating: string[]): PolicyStatement {
    return new PolicyStatement({
      actions: ["ec2:CreateTags"],
      // Snapshots have no account in their ARN (Service Authorization Reference, EC2).
      resources: [
        this.arn("ec2", "*/*"),
        ...(creating.includes("CreateSnapshot") ? [this.arn("ec2", "snapshot/*", { account: "" })] : []),
      ],
      conditions: { StringEquals: { "ec2:CreateAction": creating } },
    });
  }

  /** To use or change EC2 resources that are ours. */
  changeEc2(actions: string[], types: string[]): PolicyStatement {
    return new PolicyStatement({
      actions,
      resources: types.map((type) => this.arn("ec2", `${type}/*`)),
      conditions: { Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" } },
    });
  }

  /** To put one tag, and no other, on volumes that are ours. */
  tagVolumes(key: string): PolicyStatement {
    return new PolicyStatement({
      actions: ["ec2:CreateTags"],
      resources: [this.arn("ec2", "volume/*")],
      conditions: {
        Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" },
        "ForAllValues:StringEquals": { "aws:TagKeys": [key] },
      },
    });
  }

  /** To put our own keys back on what has lost its owner's tag: never on what has an owner, ours or another's. */
  restoreTags(types: string[]): PolicyStatement {
    return this.#restore(
      "ec2:CreateTags",
      types.map((type) => this.arn("ec2", `${type}/*`)),
    );
  }

  /** As `restoreTags`, on groups with names like ours. */
  restoreGroupTags(): PolicyStatement {
    const names = ["*.masters.*", "nodes-*"];
    return this.#restore(
      "autoscaling:CreateOrUpdateTags",
      names.map((name) => this.arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${name}`)),
    );
  }

  /** As `restoreTags`, on balancers and target groups with names that only we give. */
  restoreBalancerTags(): PolicyStatement {
    const types = ["loadbalancer/net/hf-*", "targetgroup/hf-*"];
    return this.#restore(
      "elasticloadbalancing:AddTags",
      types.map((type) => this.arn("elasticloadbalancing", type)),
    );
  }

  #restore(action: string, resources: string[]): PolicyStatement {
    const keys = ["Name", "holdfast:*", "kubernetes.io/cluster/*", "node.k8s.amazonaws.com/no_manage"];
    return new PolicyStatement({
      actions: [action],
      resources,
      conditions: {
        "ForAllValues:StringLike": { "aws:TagKeys": keys },
        Null: { [`aws:ResourceTag/${TAG.uid}`]: "true", [`aws:RequestTag/${TAG.uid}`]: "false" },
      },
    });
  }

  /** Security groups that users bring are not ours and carry no tag of ours: they are used and associated, never changed. */
  useForeignSecurityGroups(...actions: string[]): PolicyStatement {
    return new PolicyStatement({ actions, resources: [this.arn("ec2", "security-group/*")] });
  }

  /** Auto Scaling: to make groups that are tagged as ours, and to act on those. */
  createGroups(): PolicyStatement {
    return new PolicyStatement({
      // Tags come with the call and need no right of their own; the right to tag would make foreign groups ours.
      actions: ["autoscaling:CreateAutoScalingGroup"],
      resources: [this.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")],
      conditions: { Null: { [`aws:RequestTag/${TAG.uid}`]: "false" } },
    });
  }

  changeGroups(...actions: string[]): PolicyStatement {
    return new PolicyStatement({
      actions,
      resources: [this.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")],
      conditions: { Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" } },
    });
  }

  /**
   * What Auto Scaling does with a launch template is checked against the rights of who made the group: what is `made` with
   * an instance carries our tag, what of ours is `used` has it, and `foreign` things (images, users' groups) have none.
   */
  launchFromTemplates(types: { made: string[]; used: string[]; foreign: string[] }): PolicyStatement[] {
    const image = this.arn("ec2", "image/*", { account: "" });
    const arnOf = (type: string) => (type === "image" ? image : this.arn("ec2", `${type}/*`));
    return [
      this.createEc2(["ec2:RunInstances"], types.made),
      this.changeEc2(["ec2:RunInstances"], types.used),
      new PolicyStatement({ actions: ["ec2:RunInstances"], resources: types.foreign.map(arnOf) }),
      this.tagOnCreate("RunInstances"),
      this.passRoles(),
    ];
  }

  /** To give clusters' roles to instances, and to nothing else. */
  passRoles(): PolicyStatement {
    return new PolicyStatement({
      actions: ["iam:PassRole"],
      resources: [this.clusterRoles()],
      conditions: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    });
  }

  /** In an account that never used the service, its first call makes the service's own role, with the caller's rights. */
  serviceLinkedRole(service: string, role: string): PolicyStatement {
    return new PolicyStatement({
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [this.arn("iam", `role/aws-service-role/${service}/${role}`, { region: "" })],
      conditions: { StringEquals: { "iam:AWSServiceName": service } },
    });
  }

  clusterRoles(): string {
    return this.arn("iam", "role/holdfast/*", { region: "" });
  }

  clusterProfiles(): string {
    return this.arn("iam", "instance-profile/holdfast/*", { region: "" });
  }

  /** Parameters below `/holdfast/`, by a path with wildcards for the cluster: `*`/masters/`*`. */
  parameters(actions: string[], ...paths: string[]): PolicyStatement {
    return new PolicyStatement({
      actions,
      resources: paths.map((path) => this.arn("ssm", `parameter/holdfast/${path}`)),
    });
  }

  /** Parameters that name images: Amazon's public ones and the account's own, but never a cluster's secrets. */
  imageParameters(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ["ssm:GetParameter"],
        resources: [this.arn("ssm", "parameter/aws/service/*", { account: "" }), this.arn("ssm", "parameter/*")],
      }),
      new PolicyStatement({
        effect: Effect.DENY,
        actions: ["ssm:GetParameter"],
        resources: [this.arn("ssm", "parameter/holdfast/*"), this.arn("ssm", "parameter/holdfast-settings/*")],
      }),
    ];
  }

  /** To read settings of ours, secrets among them: `chat/slack`. */
  settings(...names: string[]): PolicyStatement {
    return new PolicyStatement({
      actions: ["ssm:GetParameter"],
      resources: names.map((name) => this.arn("ssm", `parameter/holdfast-settings/${name}`)),
    });
  }

  /** To read or write items of a table whose partition key matches one of the patterns, and no others. */
  items(tableArn: string, actions: string[], ...patterns: string[]): PolicyStatement {
    return new PolicyStatement({
      actions,
      resources: [tableArn],
      conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns } },
    });
  }

  /** To call routes of an HTTP API: `GET/clusters/*`. */
  callApi(apiId: string, ...routes: string[]): PolicyStatement {
    return new PolicyStatement({
      actions: ["execute-api:Invoke"],
      resources: routes.map((route) => this.arn("execute-api", `${apiId}/$default/${route}`)),
    });
  }

  /**
   * To run one document on hosts that are ours, and to read what they answered: that of one host, or with `several` those of
   * all that were asked at once.
   */
  runDocument(documentArn: string, hosts: "one" | "several" = "one"): PolicyStatement[] {
    // Command ids are no resources in IAM.
    const read = (action: string) => new PolicyStatement({ actions: [action], resources: ["*"] });
    return [
      new PolicyStatement({ actions: ["ssm:SendCommand"], resources: [documentArn] }),
      new PolicyStatement({
        actions: ["ssm:SendCommand"],
        resources: [this.arn("ec2", "instance/*")],
        conditions: { Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" } },
      }),
      // A cluster may have one master: then one host is asked.
      read("ssm:GetCommandInvocation"),
      ...(hosts === "several" ? [read("ssm:ListCommandInvocations")] : []),
    ];
  }

  /** To put events of our own source on our own bus; nobody else's can be forged with it. */
  publishEvents(): PolicyStatement {
    return new PolicyStatement({
      actions: ["events:PutEvents"],
      resources: [this.arn("events", `event-bus/${EVENT_BUS}`)],
      conditions: { StringEquals: { "events:source": "holdfast" } },
    });
  }

  /** To look for what is missing of clusters: networks, groups with their hooks, targets, roles and names of parameters. */
  findDrift(): PolicyStatement[] {
    return [
      this.describe(
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeRouteTables",
        "ec2:DescribeNatGateways",
        "ec2:DescribeAddresses",
        "ec2:DescribeLaunchTemplates",
        "autoscaling:DescribeLifecycleHooks",
        "elasticloadbalancing:DescribeTargetHealth",
        "ssm:DescribeParameters",
      ),
      new PolicyStatement({
        actions: ["iam:ListAttachedRolePolicies", "iam:GetRolePolicy"],
        resources: [this.clusterRoles()],
      }),
    ];
  }

  loadBalancing(actions: string[]): PolicyStatement {
    const types = ["loadbalancer/net/hf-*", "targetgroup/hf-*", "listener/net/hf-*"];
    return new PolicyStatement({ actions, resources: types.map((type) => this.arn("elasticloadbalancing", type)) });
  }

  hostedZones(): PolicyStatement {
    return new PolicyStatement({
      actions: ["route53:ChangeResourceRecordSets"],
      resources: [this.arn("route53", "hostedzone/*", { region: "", account: "" })],
      // Only a cluster's API name, only as an address: never a zone's other records.
      conditions: {
        "ForAllValues:StringLike": { "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["api.*"] },
        "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["A"] },
      },
    });
  }

  readHostedZones(): PolicyStatement {
    return new PolicyStatement({
      actions: ["route53:ListResourceRecordSets"],
      resources: [this.arn("route53", "hostedzone/*", { region: "", account: "" })],
    });
  }
}

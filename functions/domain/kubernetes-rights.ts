import { kubernetesTag, TAG } from "./naming.ts";
import type { ClusterSpec } from "./spec.ts";

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const allow = (
  Action: readonly string[],
  Resource: string | readonly string[],
  Condition?: NonNullable<Statement["Condition"]>,
): Statement => ({ Effect: "Allow", Action, Resource, ...(Condition && { Condition }) });

interface Where {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** What the EBS driver puts on every volume that it makes (aws-ebs-csi-driver, docs/tagging.md). */
const DRIVER_TAG = "ebs.csi.aws.com/cluster";

/**
 * Rights of what runs in one cluster: the cloud controller and the EBS driver on its masters, the VPC's network on all hosts.
 * Whatever they make carries the cluster's own tag of Kubernetes, and they may change what carries it. What Holdfast made
 * carries that tag too; its own tag keeps it from being removed, so that no bug in a driver ends a member's volume.
 * From prerequisites.md of cloud-provider-aws, example-iam-policy.json of the driver, iam-policy.md of the VPC CNI.
 */
export class KubernetesRights {
  readonly #where: Where;
  readonly #requested: Readonly<Record<string, string>>;
  readonly #tagged: Readonly<Record<string, string>>;
  readonly #notOurs = { [`aws:ResourceTag/${TAG.uid}`]: "true" };

  constructor(cluster: string, where: Where) {
    this.#where = where;
    this.#requested = { [`aws:RequestTag/${kubernetesTag(cluster)}`]: "owned" };
    this.#tagged = { [`aws:ResourceTag/${kubernetesTag(cluster)}`]: "owned" };
  }

  /** On masters. Routes are written only for a network that has no overlay. */
  ofMasters(network: ClusterSpec["networking"]["used"]): Statement[] {
    return [
      ...this.#loadBalancers(),
      ...(network === "kindnet" ? [this.#routes()] : []),
      ...this.#volumes(),
      ...this.ofNodes(network),
    ];
  }

  /** On nodes: nothing, unless pods get addresses of the VPC. */
  ofNodes(network: ClusterSpec["networking"]["used"]): Statement[] {
    return network === "amazonvpc" ? this.#addresses() : [];
  }

  #loadBalancers(): Statement[] {
    return [
      // EC2 and load balancing know no narrower resource for Describe.
      allow(
        [
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeInstanceTopology",
          "ec2:DescribeInstances",
          "ec2:DescribeRegions",
          "ec2:DescribeRouteTables",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeTags",
          "ec2:DescribeVolumes",
          "ec2:DescribeVolumesModifications",
          "ec2:DescribeVpcs",
          "elasticloadbalancing:DescribeListeners",
          "elasticloadbalancing:DescribeLoadBalancerAttributes",
          "elasticloadbalancing:DescribeLoadBalancerPolicies",
          "elasticloadbalancing:DescribeLoadBalancers",
          "elasticloadbalancing:DescribeTargetGroupAttributes",
          "elasticloadbalancing:DescribeTargetGroups",
          "elasticloadbalancing:DescribeTargetHealth",
        ],
        "*",
      ),
      allow(
        [
          "elasticloadbalancing:CreateListener",
          "elasticloadbalancing:CreateLoadBalancer",
          "elasticloadbalancing:CreateTargetGroup",
        ],
        "*",
        { StringEquals: this.#requested },
      ),
      allow(
        [
          "elasticloadbalancing:AddTags",
          "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer",
          "elasticloadbalancing:AttachLoadBalancerToSubnets",
          "elasticloadbalancing:ConfigureHealthCheck",
          "elasticloadbalancing:CreateLoadBalancerListeners",
          "elasticloadbalancing:CreateLoadBalancerPolicy",
          "elasticloadbalancing:DeleteListener",
          "elasticloadbalancing:DeleteLoadBalancer",
          "elasticloadbalancing:DeleteLoadBalancerListeners",
          "elasticloadbalancing:DeleteTargetGroup",
          "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
          "elasticloadbalancing:DeregisterTargets",
          "elasticloadbalancing:DetachLoadBalancerFromSubnets",
          "elasticloadbalancing:ModifyListener",
          "elasticloadbalancing:ModifyLoadBalancerAttributes",
          "elasticloadbalancing:ModifyTargetGroup",
          "elasticloadbalancing:ModifyTargetGroupAttributes",
          "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
          "elasticloadbalancing:RegisterTargets",
          "elasticloadbalancing:SetLoadBalancerPoliciesForBackendServer",
          "elasticloadbalancing:SetLoadBalancerPoliciesOfListener",
          "elasticloadbalancing:SetSecurityGroups",
        ],
        "*",
        { StringEquals: this.#tagged, Null: this.#notOurs },
      ),
      allow(["ec2:CreateSecurityGroup"], this.#ec2("security-group"), { StringEquals: this.#requested }),
      allow(["ec2:CreateSecurityGroup"], this.#ec2("vpc"), { StringEquals: this.#tagged }),
      // A balancer is let in to the nodes by a rule of their group, which is ours.
      allow(["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"], this.#ec2("security-group"), {
        StringEquals: this.#tagged,
      }),
      allow(["ec2:DeleteSecurityGroup"], this.#ec2("security-group"), {
        StringEquals: this.#tagged,
        Null: this.#notOurs,
      }),
      this.#tagWhen("security-group", "CreateSecurityGroup"),
    ];
  }

  #routes(): Statement {
    return allow(
      ["ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ModifyInstanceAttribute"],
      [this.#ec2("route-table"), this.#ec2("instance")],
      { StringEquals: this.#tagged },
    );
  }

  #volumes(): Statement[] {
    const ofDriver = { [`aws:ResourceTag/${DRIVER_TAG}`]: "true", ...this.#tagged };
    return [
      allow(["ec2:CreateVolume"], this.#ec2("volume"), {
        StringEquals: { [`aws:RequestTag/${DRIVER_TAG}`]: "true", ...this.#requested },
      }),
      allow(["ec2:AttachVolume", "ec2:DeleteVolume", "ec2:DetachVolume", "ec2:ModifyVolume"], this.#ec2("volume"), {
        StringEquals: ofDriver,
      }),
      allow(["ec2:AttachVolume", "ec2:DetachVolume"], this.#ec2("instance"), { StringEquals: this.#tagged }),
      this.#tagWhen("volume", "CreateVolume"),
    ];
  }

  #addresses(): Statement[] {
    return [
      allow(
        [
          "ec2:DescribeInstances",
          "ec2:DescribeInstanceTypes",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeTags",
        ],
        "*",
      ),
      allow(["ec2:CreateNetworkInterface"], this.#ec2("network-interface"), { StringEquals: this.#requested }),
      allow(["ec2:CreateNetworkInterface"], this.#ec2("subnet"), { StringEquals: this.#tagged }),
      // Users' own groups, which nodes may be in, carry no tag of ours.
      allow(["ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"], this.#ec2("security-group")),
      allow(
        [
          "ec2:AssignPrivateIpAddresses",
          "ec2:AttachNetworkInterface",
          "ec2:ModifyNetworkInterfaceAttribute",
          "ec2:UnassignPrivateIpAddresses",
        ],
        [this.#ec2("network-interface"), this.#ec2("instance")],
        { StringEquals: this.#tagged },
      ),
      allow(["ec2:DetachNetworkInterface"], this.#ec2("instance"), { StringEquals: this.#tagged }),
      allow(["ec2:DeleteNetworkInterface", "ec2:DetachNetworkInterface"], this.#ec2("network-interface"), {
        StringEquals: this.#tagged,
        Null: this.#notOurs,
      }),
      this.#tagWhen("network-interface", "CreateNetworkInterface"),
    ];
  }

  /** To tag, but only within the call that makes the thing. */
  #tagWhen(type: string, action: string): Statement {
    return allow(["ec2:CreateTags"], this.#ec2(type), { StringEquals: { "ec2:CreateAction": action } });
  }

  #ec2(type: string): string {
    const { partition, region, accountId } = this.#where;
    return `arn:${partition}:ec2:${region}:${accountId}:${type}/*`;
  }
}

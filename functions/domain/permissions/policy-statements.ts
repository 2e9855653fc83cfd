import { kubernetesTag, type Owner, TAG } from "../cluster/naming.ts";
import type { ClusterSpec } from "../spec/spec.ts";

type Values = string | readonly string[];
type Tags = Readonly<Record<string, string>>;
type Conditions = Readonly<Record<string, Readonly<Record<string, Values>>>>;

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource?: Values;
  readonly NotResource?: Values;
  readonly Condition?: Conditions;
}

/** Where resources are, as their ARNs say it. */
export interface Where {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** The hosts that a role is for. */
export interface Hosts {
  readonly network: ClusterSpec["networking"]["used"];
  /** The member whose master it is; undefined for nodes. */
  readonly member?: string;
  /** Security groups of the spec that these hosts are in, beside the cluster's own. */
  readonly securityGroups: readonly string[];
}

function allow(Action: readonly string[], Resource: Values, Condition?: Conditions): Statement {
  return {
    Effect: "Allow",
    Action,
    Resource,
    ...(Condition && { Condition }),
  };
}

const OF_CREATION = "ec2:CreateAction";
/** A request that sets no uid: IAM ignores case in this key. All other tags of Holdfast are denied below. */
const UNFORGED = { [`aws:RequestTag/${TAG.uid}`]: "true" };

/**
 * What one cluster's hosts may do to what is whose. What Kubernetes makes carries the cluster's Kubernetes tag and none of
 * Holdfast's. What Holdfast made carries that tag too, and its uid: so a cluster of the same name is another cluster.
 */
export class ClusterScope {
  readonly #where: Where;
  readonly #requested: Tags;
  readonly #tagged: Tags;
  readonly #ours: Tags;

  constructor({ cluster, uid }: Pick<Owner, "cluster" | "uid">, where: Where) {
    this.#where = where;
    this.#requested = { [`aws:RequestTag/${kubernetesTag(cluster)}`]: "owned" };
    this.#tagged = { [`aws:ResourceTag/${kubernetesTag(cluster)}`]: "owned" };
    this.#ours = { [`aws:ResourceTag/${TAG.uid}`]: uid };
  }

  /** EC2 and load balancing know no narrower resource for Describe. */
  describe(actions: readonly string[]): Statement {
    return allow([...new Set(actions)], "*");
  }

  /** To make things of these types, with the cluster's tag. */
  create(actions: readonly string[], resources: Values): Statement {
    return allow(actions, resources, { StringEquals: this.#requested, Null: UNFORGED });
  }

  /** To tag, but only within the calls that make the things. */
  tagOnCreate(action: string, resources: Values, creating: readonly string[], key = OF_CREATION): Statement {
    return allow([action], resources, { StringEquals: { [key]: creating, ...this.#requested }, Null: UNFORGED });
  }

  /** To change and remove what Kubernetes made. */
  changeMade(actions: readonly string[]): Statement {
    return allow(actions, "*", {
      StringEquals: this.#tagged,
      Null: { [`aws:ResourceTag/${TAG.uid}`]: "true", ...UNFORGED },
    });
  }

  /** To use what Holdfast made for this cluster, narrowed by further tags and `Null` conditions. */
  useOurs(actions: readonly string[], resource: Values, more: Tags = {}, nulls?: Tags): Statement {
    return allow(actions, resource, { StringEquals: { ...this.#ours, ...more }, ...(nulls && { Null: nulls }) });
  }

  /** To use these security groups of the user's, which carry no tag of ours. */
  useGroups(actions: readonly string[], ids: readonly string[]): Statement[] {
    return ids.length === 0
      ? []
      : [
          allow(
            actions,
            ids.map((id) => this.ec2(`security-group/${id}`)),
          ),
        ];
  }

  ec2(resource: string): string {
    return this.arn("ec2", resource);
  }

  arn(service: string, resource: string): string {
    const { partition, region, accountId } = this.#where;
    return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  }
}

const TAGGING = ["ec2:CreateTags", "elasticloadbalancing:AddTags"];

/**
 * No instance may write a tag of Holdfast's, on creation or later: tags that come with a creating call are asked for as these
 * actions, too. Values of `aws:TagKeys` keep their case, so the keys that Holdfast reads are denied in any.
 */
export const NO_OWN_TAGS: readonly Statement[] = [
  { "ForAnyValue:StringLike": { "aws:TagKeys": ["holdfast:*"] } },
  { "ForAnyValue:StringEqualsIgnoreCase": { "aws:TagKeys": Object.values(TAG) } },
].map((Condition) => ({ Effect: "Deny", Action: TAGGING, Resource: "*", Condition }));

import type { TagSpecification } from "@aws-sdk/client-ec2";
import type { Collection } from "../../ec2/engine/collection.ts";
import type { Resource } from "../../ec2/engine/state.ts";
import { arnIn, type CloudState } from "./cloud-state.ts";
import { type ConditionKeys, type Demand, demand, given, requestTags, resourceTags } from "./demand.ts";

type TagSpecifications = readonly TagSpecification[] | undefined;

/** How EC2's actions are checked: on each resource that exists by its tags, on each new one by the tags of the request. */
export class Ec2Resources {
  readonly #cloud: CloudState;

  constructor(cloud: CloudState) {
    this.#cloud = cloud;
  }

  /** The action on each of these resources. Ids that are not given are left out; one that does not exist has no tags. */
  use(action: string, ids: readonly (string | undefined)[], keys: ConditionKeys = {}): Demand[] {
    return given(ids).map((id) => {
      const { type, found } = this.#find(id);
      const own = found ? { ...resourceTags(found.tags, "ec2:ResourceTag"), ...this.#properties(found) } : {};
      return demand(`ec2:${action}`, this.arn(type, id), { ...own, ...keys });
    });
  }

  /**
   * The action on a resource that does not exist yet, and `ec2:CreateTags` on it if it is tagged in the same call. Tags of
   * the request count here and for no other resource of the call.
   */
  create(action: string, type: string, specifications: TagSpecifications, keys: ConditionKeys = {}): Demand[] {
    const resource = this.arn(type, "*");
    const tags = requestTags(
      (specifications ?? []).filter(({ ResourceType }) => ResourceType === type).flatMap(({ Tags }) => Tags ?? []),
    );
    const created = demand(`ec2:${action}`, resource, { ...keys, ...tags });
    if (Object.keys(tags).length === 0) return [created];
    return [created, demand("ec2:CreateTags", resource, { ...tags, "ec2:CreateAction": action })];
  }

  /** The route table and the subnet of an association. */
  associatedWith(associationId: string | undefined): (string | undefined)[] {
    return this.#cloud.ec2.routeTables
      .list()
      .flatMap(({ id, associations }) =>
        associations.filter((each) => each.id === associationId).flatMap(({ subnetId }) => [id, subnetId]),
      );
  }

  /** The interface and the instance of an attachment. */
  attachedBy(attachmentId: string | undefined): string[] {
    return this.#cloud.ec2.networkInterfaces
      .list()
      .flatMap(({ id, attachment }) => (attachment?.id === attachmentId ? given([id, attachment?.instanceId]) : []));
  }

  /** Public things have no account in their ARNs: images and snapshots. */
  arn(type: string, id: string): string {
    const account = type === "image" || type === "snapshot" ? "" : this.#cloud.accountId;
    return arnIn({ ...this.#cloud, accountId: account }, "ec2", `${type}/${id}`);
  }

  #find(id: string): { type: string; found: Resource | undefined } {
    const collections: Pick<Collection<Resource>, "kind" | "find">[] = Object.values(this.#cloud.ec2.collections());
    const collection = collections.find(({ kind }) => id.startsWith(`${kind.prefix}-`));
    return { type: collection?.kind.resourceType ?? "*", found: collection?.find(id) };
  }

  /** Condition keys that come from what the resource is. */
  #properties(found: Resource): ConditionKeys {
    return {
      ...("vpcId" in found && { "ec2:Vpc": this.arn("vpc", String(found.vpcId)) }),
      ...("zone" in found && { "ec2:AvailabilityZone": String(found.zone) }),
      ...("ownerId" in found && { "ec2:Owner": String(found.ownerId) }),
      ...("encrypted" in found && { "ec2:Encrypted": String(found.encrypted) }),
      ...(found.id.startsWith("i-") && "type" in found && { "ec2:InstanceType": String(found.type) }),
      ...("profileArn" in found && found.profileArn ? { "ec2:InstanceProfile": String(found.profileArn) } : {}),
    };
  }
}

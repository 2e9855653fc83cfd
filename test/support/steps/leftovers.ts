import type { Filter } from "@aws-sdk/client-ec2";
import type { ResourceKind } from "../../../functions/domain/api/views.ts";
import { NotReadyYet } from "../../../functions/domain/cluster/errors.ts";
import { balancerName, ownerTags, TAG } from "../../../functions/domain/cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../../../functions/domain/cluster/records.ts";
import type { Owned } from "../../../functions/domain/ownership/ownership.ts";

interface Thing {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  /** It goes when it is asked for so often. */
  readonly asks?: number;
  readonly vpcId?: string;
  /** As EC2 calls it: `available`, `in-use`. */
  readonly state?: string;
}

/** What is left of a cluster in the account, by kind; and of others. */
export class Leftovers {
  readonly #things = new Map<string, Thing>();
  readonly #cluster: ClusterRecord;
  readonly removed: string[] = [];

  constructor(cluster: ClusterRecord) {
    this.#cluster = cluster;
  }

  add(thing: Thing): void {
    this.#things.set(thing.id, thing);
  }

  /** Something of the cluster's. */
  own(
    kind: ResourceKind,
    id: string,
    resource: string,
    more: Partial<Thing> & { readonly member?: string } = {},
  ): void {
    const { member, ...rest } = more;
    const tags = ownerTags(ownerOf(this.#cluster), resource, member === undefined ? {} : { [TAG.member]: member });
    this.add({ kind, id, tags, ...rest });
  }

  /** In which order it went is not what is compared. */
  toJSON() {
    return { left: this.ids, removed: this.removed.toSorted() };
  }

  get ids(): string[] {
    return [...this.#things.keys()].toSorted();
  }

  readonly find = {
    instances: this.#finder("instance"),
    natGateways: this.#finder("nat-gateway"),
    addresses: this.#finder("address"),
    interfaces: this.#finder("network-interface"),
    volumes: this.#finder("volume"),
    securityGroups: this.#finder("security-group"),
    subnets: this.#finder("subnet"),
    routeTables: this.#finder("route-table"),
    internetGateways: this.#finder("internet-gateway"),
    vpcs: this.#finder("vpc"),
    launchTemplates: this.#finder("launch-template"),
  };

  /** Takes away what the gate permits. */
  readonly remove = async ({ id }: Owned): Promise<void> => {
    const thing = this.#things.get(id);
    if (!thing) return;
    const { asks = 1 } = thing;
    if (asks > 1) {
      this.#things.set(id, { ...thing, asks: asks - 1 });
      throw new NotReadyYet(`${id} is in use`);
    }
    this.#things.delete(id);
    this.removed.push(id);
  };

  of<K extends ResourceKind>(kind: K) {
    const things = [...this.#things.values()].filter((each) => each.kind === kind);
    return things.map(({ id, tags, vpcId, state }) => ({
      kind,
      id,
      tags,
      name: tags[TAG.resource] ?? id,
      item: itemOf(vpcId, state),
    }));
  }

  /** Calls of AWS that other services than EC2 answer. */
  readonly calls = {
    listRoles: async (mayBe: (name: string) => boolean) => this.of("role").filter(({ id }) => mayBe(id)),
    listProfiles: async (mayBe: (name: string) => boolean) => this.of("instance-profile").filter(({ id }) => mayBe(id)),
    listParameters: async () => this.of("parameter"),
    findOwnGroups: async ({ key, value }: { readonly key: string; readonly value: string }, names: readonly string[]) =>
      this.of("auto-scaling-group")
        .filter(({ id, tags }) => tags[key] === value || names.includes(id))
        .map((each) => ({ ...each, isGoing: false })),
    listBalancing: async (
      mayBe: (candidate: {
        kind: "load-balancer" | "target-group";
        id: string;
        elbName: string;
        vpcId: string;
        madeAt: undefined;
      }) => boolean,
    ) =>
      [...this.of("load-balancer"), ...this.of("target-group")]
        .map(({ item: _, ...each }) => ({
          ...each,
          elbName: balancerName(ownerOf(this.#cluster)),
          vpcId: "vpc-1",
          madeAt: undefined,
        }))
        .filter(mayBe),
    listOwnedEc2: async ({ key, value }: { readonly key: string; readonly value: string }) =>
      (await Promise.all(Object.values(this.find).map((each) => each({ Name: `tag:${key}`, Values: [value] })))).flat(),
  };

  #finder<K extends ResourceKind>(kind: K) {
    return async (...filters: Filter[]) => {
      const tagged = filters.flatMap(({ Name = "", Values: [value] = [] }) =>
        Name.startsWith("tag:") ? [[Name.slice(4), value] as const] : [],
      );
      const ids = filters.flatMap(({ Name, Values = [] }) =>
        Name?.endsWith("-id") && Name !== "vpc-id" ? Values : [],
      );
      return this.of(kind).filter(
        ({ id, tags }) => tagged.every(([key, value]) => tags[key] === value) && (ids.length === 0 || ids.includes(id)),
      );
    };
  }
}

/** What EC2 says besides; all of it is optional in the SDK's types. */
function itemOf(vpcId: string | undefined, state: string | undefined): Record<never, never> {
  return {
    ...(vpcId === undefined ? {} : { VpcId: vpcId }),
    ...(state === undefined ? {} : { State: state, Status: state }),
  };
}

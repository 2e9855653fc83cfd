/** What EC2 says of an interface in the cluster's VPC that does not carry the cluster's tag. */
export interface ForeignInterface {
  readonly id: string;
  readonly subnetId: string;
  readonly type: string;
  readonly description: string;
  /** Account. */
  readonly ownerId: string;
  /** Service that made it for itself: `amazon-elb`, `amazon-rds`. */
  readonly requesterId: string | null;
  readonly instanceId: string | null;
  /** It is deleted when that instance ends. */
  readonly endsWithInstance: boolean;
}

/** Everything else in the VPC that is not the cluster's. */
export interface ForeignThing {
  readonly id: string;
  /** "subnet", "security group"… */
  readonly what: string;
  readonly ownerId: string;
}

/** A group of somebody else with a rule that names one of the cluster's groups. */
export interface ForeignReference {
  readonly groupId: string;
  readonly names: string;
  readonly ownerId: string;
}

export interface ForeignFacts {
  readonly interfaces: readonly ForeignInterface[];
  readonly things: readonly ForeignThing[];
  readonly references: readonly ForeignReference[];
}

export interface Obstacles {
  /** Nobody but a person can take these away. */
  readonly blockers: readonly string[];
  /** The service deletes these by itself, within minutes. */
  readonly releasing: readonly string[];
}

/** Load balancers and NAT gateways leave their interfaces behind for a while (docs/references/aws.md#deletion). */
const RELEASED_LATER = /^(network_load_balancer|gateway_load_balancer|natGateway|nat_gateway)$/;

function isReleasing({ type, requesterId, description }: ForeignInterface): boolean {
  return requesterId !== null && (RELEASED_LATER.test(type) || description.startsWith("ELB "));
}

/**
 * What is left after everything in `removed` (ids) is deleted. What the deletion removes before the network does not
 * block it. Neither does an interface that is deleted together with a removed instance.
 */
export function afterRemoval(
  { interfaces, things, references }: ForeignFacts,
  removed: ReadonlySet<string>,
): ForeignFacts {
  return {
    interfaces: interfaces.filter(
      ({ id, instanceId, endsWithInstance }) =>
        !removed.has(id) && !(endsWithInstance && instanceId !== null && removed.has(instanceId)),
    ),
    things: things.filter(({ id }) => !removed.has(id)),
    references: references.filter(({ groupId }) => !removed.has(groupId)),
  };
}

/** What keeps a VPC from being deleted, by whom: one phrase for each. */
export function evaluateObstacles({ interfaces, things, references }: ForeignFacts): Obstacles {
  const phrase = (each: ForeignInterface): string => {
    const holder =
      each.instanceId === null ? each.description || "attached to nothing" : `of instance ${each.instanceId}`;
    const owner =
      each.requesterId === null ? `account ${each.ownerId}` : `${each.requesterId}, account ${each.ownerId}`;
    return `interface ${each.id} in ${each.subnetId} (${holder}; owner: ${owner})`;
  };
  return {
    blockers: [
      ...interfaces.filter((each) => !isReleasing(each)).map(phrase),
      ...things.map(({ what, id, ownerId }) => `${what} ${id} (owner: account ${ownerId})`),
      ...references.map(
        ({ groupId, names, ownerId }) =>
          `a rule of security group ${groupId} that names ${names} (owner: account ${ownerId})`,
      ),
    ],
    releasing: interfaces.filter(isReleasing).map(phrase),
  };
}

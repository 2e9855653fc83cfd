import type { Cluster, Operation } from "../data/api.ts";
import { HEALTH_MARKS, type Mark, zonesOf } from "./cluster.ts";

type Member = Cluster["members"][number];
type Step = Operation["steps"][number];

/** A member as it is drawn: the identity that stays, and the instance that comes and goes. */
export interface DrawnMember {
  readonly name: string;
  readonly isLeader: boolean;
  readonly volume: string | null;
  /** Of its network interface, fixed. */
  readonly address: string;
  readonly instance: string | null;
  readonly health: Mark;
  /** What an operation does with it now. */
  readonly doing: string | null;
}

export interface DrawnNode {
  readonly name: string;
  readonly ready: boolean;
}

export interface DrawnZone {
  readonly zone: string;
  readonly members: readonly DrawnMember[];
  readonly nodes: readonly DrawnNode[];
  /** Nodes that are asked for and not there yet. */
  readonly missing: number;
}

/** The zones as columns, each with what is in it. */
export function drawZones(cluster: Cluster, operation: Operation | null): DrawnZone[] {
  return zonesOf(cluster).map((zone) => {
    const nodes = cluster.nodes.filter((node) => node.zone === zone);
    const wanted = cluster.plan.nodes.find((group) => group.zone === zone)?.count ?? 0;
    return {
      zone,
      members: cluster.members
        .filter((member) => member.zone === zone)
        .map((member) => drawMember(member, cluster, operation)),
      nodes: nodes.map(({ name, ready }) => ({ name, ready })),
      missing: Math.max(0, wanted - nodes.length),
    };
  });
}

function drawMember(member: Member, { quorum }: Cluster, operation: Operation | null): DrawnMember {
  return {
    name: member.name,
    isLeader: quorum.leader === member.name,
    volume: member.volumeId,
    address: member.address,
    instance: member.instanceId,
    health: HEALTH_MARKS[member.health],
    doing: operation?.status === "RUNNING" ? doingWith(operation.steps, member.name) : null,
  };
}

/** The newest step of this member that has not ended. */
function doingWith(steps: readonly Step[], member: string): string | null {
  const step = steps.findLast((each) => each.member === member && each.finishedAt === null);
  return step ? (step.message ?? step.name) : null;
}

/** 64 GiB, as kops gives its masters (docs/references/kops.md#sizes). */
export const MASTER_ROOT_GIB = 64;
/** 128 GiB, as kops gives its nodes (docs/references/kops.md#sizes). */
export const NODE_ROOT_GIB = 128;

/** GiB of gp3 that a cluster has in all: roots of masters and nodes, and each member's own volume. */
export function storageOf(masters: number, nodes: number, memberVolumeGiB: number): number {
  return masters * (MASTER_ROOT_GIB + memberVolumeGiB) + nodes * NODE_ROOT_GIB;
}

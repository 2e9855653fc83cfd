/** 64 GiB, as kops gives its masters (docs/references/kops.md#sizes). */
export const MASTER_ROOT_GIB = 64;
/** 128 GiB, as kops gives its nodes (docs/references/kops.md#sizes). */
export const NODE_ROOT_GIB = 128;

/** The part of a spec that says how large volumes are. */
export interface RootVolumes {
  readonly nodeRootVolumeGiB?: number | undefined;
  readonly masterRootVolumeGiB?: number | undefined;
}

export function masterRootGiB({ masterRootVolumeGiB }: RootVolumes): number {
  return masterRootVolumeGiB ?? MASTER_ROOT_GIB;
}

export function nodeRootGiB({ nodeRootVolumeGiB }: RootVolumes): number {
  return nodeRootVolumeGiB ?? NODE_ROOT_GIB;
}

/** GiB of gp3 that a cluster has in all: roots of masters and nodes, and each member's own volume. */
export function storageOf(
  spec: RootVolumes & { readonly nodeCount: number; readonly etcdVolumeGiB: number },
  masters: number,
): number {
  return masters * (masterRootGiB(spec) + spec.etcdVolumeGiB) + spec.nodeCount * nodeRootGiB(spec);
}

import { masterRootGiB, type RootVolumes } from "../plan/disks.ts";

/** After so many minutes the reconciler ends a drill's host, and the drill has failed. */
export const DRILL_MINUTES = 30;
/** Then the host powers itself off, which terminates it: also where no Holdfast is left to end it. */
export const POWER_OFF_MINUTES = 45;

/** Of a drill's operation. */
const PREFIX = "drill-";
const KIND = "drill/";

/** Logical name of a drill's host: `drill/ID` of the operation `drill-ID`. */
export function drillResource(operation: string): string {
  return `${KIND}${withoutPrefix(operation)}`;
}

/** The operation whose host it is; undefined for anything else. */
export function operationOfDrill(resource: string | undefined): string | undefined {
  return resource?.startsWith(KIND) ? `${PREFIX}${withoutPrefix(resource.slice(KIND.length))}` : undefined;
}

function withoutPrefix(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
}

/** Machines for drills and their memory in GiB, the smallest first; of several of one size, the newer first. */
const MACHINES: Readonly<Record<"x86_64" | "arm64", readonly (readonly [type: string, memoryGiB: number])[]>> = {
  x86_64: [
    ["t3.micro", 1],
    ["t2.micro", 1],
    ["t3.small", 2],
    ["t3.medium", 4],
    ["t3.large", 8],
    ["t3.xlarge", 16],
    ["t3.2xlarge", 32],
    ["r5.2xlarge", 64],
  ],
  arm64: [
    ["t4g.micro", 1],
    ["t4g.small", 2],
    ["t4g.medium", 4],
    ["t4g.large", 8],
    ["t4g.xlarge", 16],
    ["t4g.2xlarge", 32],
    ["r6g.2xlarge", 64],
  ],
};
/** Graviton: `m6g.large`, `c7gd.xlarge`, `a1.large`. */
const ARM = /^([a-z]+\d+g[a-z]*|a1)\./;
const GIB = 1024 ** 3;
const RESERVED = 512 * 1024 ** 2;
const MAX_TYPES = 3;

/**
 * Types to try for a snapshot of so many bytes, in this order: memory for twice its size, and half a GiB. They have the
 * architecture of the masters, whose image is used.
 */
export function drillTypes(totalSize: number, masterSize: string): string[] {
  const machines = MACHINES[ARM.test(masterSize) ? "arm64" : "x86_64"];
  const fitting = machines.filter(([, memory]) => memory * GIB >= 2 * totalSize + RESERVED);
  return (fitting.length > 0 ? fitting : machines.slice(-1)).slice(0, MAX_TYPES).map(([type]) => type);
}

/** Room for the file, compressed and not, for the data that is restored from it, and for etcd's logs. */
export function drillRootGiB(totalSize: number, spec: RootVolumes): number {
  return Math.max(masterRootGiB(spec), 16 + Math.ceil((4 * totalSize) / GIB));
}

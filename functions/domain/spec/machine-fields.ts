import * as z from "zod";
import { MASTER_ROOT_GIB, NODE_ROOT_GIB } from "../plan/disks.ts";
import {
  effectOfCount,
  effectOfMasterRoot,
  effectOfMasterSize,
  effectOfNodeRoot,
  effectOfNodeSize,
  effectOfZoneFallback,
} from "./change-effects.ts";
import { InstanceType, MasterZoneFallback, whole } from "./value-schemas.ts";

const NODES = { min: 0, max: 1000 };
const FALLBACK_MINUTES = { min: 1, max: 1440 };
/** The default images need 8 GiB; gp3 has at most 16 TiB wherever it is offered (docs/references/aws.md#root-volumes). */
const ROOT_GIB = { min: 8, max: 16_384 };

/** kops' first choice on x86; the account's zones are checked for it later. */
const DEFAULT_SIZE = "t3.medium";

/** The part of the table of fields that says what nodes and masters are. */
export const MACHINE_FIELDS = {
  nodeCount: {
    schema: whole(NODES),
    bounds: NODES,
    about: "Nodes of the whole cluster. Absent: one a zone.",
    flags: ["--node-count", "--count"],
    help: ["<number>", "number of nodes, spread over the zones"],
    without: "one a zone",
    effect: effectOfCount,
  },
  nodeSize: {
    schema: InstanceType,
    about: "Instance type of nodes; t3.medium if absent.",
    flags: ["--node-size"],
    help: ["<type>", "instance type of the nodes"],
    default: DEFAULT_SIZE,
    effect: effectOfNodeSize,
  },
  masterSize: {
    schema: InstanceType,
    about: "Instance type of masters; t3.medium if absent.",
    flags: ["--master-size", "--control-plane-size"],
    help: ["<type>", "instance type of the masters"],
    default: DEFAULT_SIZE,
    effect: effectOfMasterSize,
    reaches: "masters",
  },
  masterSizeFallbacks: {
    schema: z.array(InstanceType).max(5).optional(),
    about: "Types that a master may have instead, in this order, while there is no capacity.",
    flags: ["--master-size-fallbacks", "--control-plane-size-fallbacks"],
    help: ["<types>", "types to take while there is no capacity for it, in order"],
    list: true,
    effect: () => "when a master's own type cannot be had; what runs stays",
  },
  /** A master whose zone launches no instance waits for it (also when absent), or moves to another zone of the cluster. */
  masterZoneFallback: {
    schema: MasterZoneFallback.optional(),
    about: "What a master does whose zone launches nothing for long; `wait` if absent.",
    flags: ["--master-zone-fallback", "--control-plane-zone-fallback"],
    help: ["<what>", "what a master does whose zone launches nothing: wait, or move to another zone"],
    default: "wait",
    effect: effectOfZoneFallback,
    reaches: "repairs",
  },
  masterZoneFallbackMinutes: {
    schema: whole(FALLBACK_MINUTES).optional(),
    bounds: FALLBACK_MINUTES,
    about: "For how long its launches fail before a master moves; 30 if absent.",
    flags: ["--master-zone-fallback-minutes", "--control-plane-zone-fallback-minutes"],
    help: ["<number>", "for how long its launches fail before it moves"],
    default: 30,
    effect: () => "from now on, counted from the first launch that failed",
    reaches: "repairs",
  },
  /** Of the root volume, as in kops; that of etcd is a volume of its own. */
  nodeRootVolumeGiB: {
    schema: whole(ROOT_GIB).optional(),
    bounds: ROOT_GIB,
    about: "Size of each node's root volume; 128 if absent.",
    flags: ["--node-volume-size"],
    help: ["<GiB>", "size of each node's root volume"],
    default: NODE_ROOT_GIB,
    effect: effectOfNodeRoot,
  },
  masterRootVolumeGiB: {
    schema: whole(ROOT_GIB).optional(),
    bounds: ROOT_GIB,
    about: "Size of each master's root volume; 64 if absent.",
    flags: ["--master-volume-size", "--control-plane-volume-size"],
    help: ["<GiB>", "size of each master's root volume"],
    default: MASTER_ROOT_GIB,
    effect: effectOfMasterRoot,
    reaches: "masters",
  },
} as const;

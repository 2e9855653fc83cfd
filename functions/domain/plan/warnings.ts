import { explainReplacement } from "../network/networks.ts";
import { chooseZone } from "../repair/zone-move.ts";
import { drillOf, intervalOf } from "../spec/rules/backups.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { counted, isOrAre } from "../text/counted.ts";
import type { Plan } from "./plan-types.ts";
import { subnetZones } from "./subnets.ts";
import { mastersIn } from "./survival.ts";

/** Elastic IPs that an account may have in a region unless it asked for more (docs/references/aws.md#throttling). */
const ELASTIC_IP_QUOTA = 5;
/** Families of the generation before Nitro; zones opened since do not offer them. */
const EARLIER_GENERATION = /^(t1|t2|m[1-4]|c1|c3|c4|r3|r4|i2|d2)\./;
/** Below 2 GiB of memory, the least that kubeadm accepts for a control plane. */
const TOO_SMALL_FOR_MASTER = /\.(nano|micro)$/;

/** Warnings before a creation, as sentences, the most serious first. */
export function warningsFor(spec: ClusterSpec, plan: Plan): string[] {
  return [
    ...zonesThatHoldTheApi(spec, plan),
    ...twoZones(spec, plan),
    ...sharedZones(spec, plan),
    ...masterThatWaits(spec, plan),
    ...nodePlacement(spec),
    ...optional(explainReplacement(spec.networking)),
    ...ownNetwork(spec),
    ...machines(spec),
    ...quotas(spec, plan),
    ...backups(spec),
  ];
}

function backups(spec: ClusterSpec): string[] {
  if (intervalOf(spec) > 0)
    return drillOf(spec) === "off" ? ["no drill is run: whether backups can be restored shows when one is needed"] : [];
  return ["no backup is taken: a cluster that loses the majority of its volumes cannot be restored"];
}

function zonesThatHoldTheApi(spec: ClusterSpec, plan: Plan): string[] {
  const size = plan.members.length;
  return subnetZones(spec)
    .filter((zone) => !plan.survives.zones.includes(zone))
    .map((zone) => {
      const held = mastersIn(plan.members, zone);
      if (size === 1) {
        return (
          `losing ${zone} loses the API: it holds the only master. A lost master is replaced by itself. Until then ` +
          "the API does not answer, and workloads on the nodes continue. Its data cannot leave the zone."
        );
      }
      const rest =
        held === size
          ? `it holds all ${size} masters`
          : `it holds ${held} of ${size} masters, and the other ${size - held} ${isOrAre(size - held)} no majority (${plan.quorum.needed} needed)`;
      return `losing ${zone} loses the API: ${rest}`;
    });
}

function twoZones(spec: ClusterSpec, plan: Plan): string[] {
  if (plan.members.length < 3 || subnetZones(spec).length !== 2) return [];
  return [
    "with two zones one of them always holds a majority of the masters, and the API does not survive the loss of that " +
      "one. With masters in a third zone it survives the loss of any.",
  ];
}

/** Zones with several masters whose loss is still survived; the others have their own warning. */
function sharedZones(spec: ClusterSpec, plan: Plan): string[] {
  const size = plan.members.length;
  return subnetZones(spec)
    .map((zone) => ({ zone, held: mastersIn(plan.members, zone) }))
    .filter(({ zone, held }) => held > 1 && plan.survives.zones.includes(zone))
    .map(({ zone, held }) => {
      const spare = size - held - plan.quorum.needed;
      return `${zone} holds ${held} of ${size} masters: losing it leaves ${size - held}, of which ${spare === 0 ? "none" : spare} more may be lost`;
    });
}

/** Masters that cannot move, although the spec allows it. */
function masterThatWaits(spec: ClusterSpec, plan: Plan): string[] {
  if (spec.masterZoneFallback !== "move") return [];
  const staying = plan.members.filter(({ name }) => chooseZone(spec, plan, name) === undefined).map(({ name }) => name);
  if (staying.length === 0) return [];
  return [
    `master ${staying.join(", ")} will wait for its zone although it may move: no other zone could take it and be lost ` +
      "without the majority. One more zone in --zones can.",
  ];
}

function nodePlacement(spec: ClusterSpec): string[] {
  if (spec.nodeCount === 0) return ["there are no nodes: nothing but the control plane will run"];
  const empty = spec.zones.slice(spec.nodeCount);
  if (empty.length > 0) {
    return [
      `no node in ${empty.join(", ")}: ${counted(spec.nodeCount, "node")} cannot reach all ${spec.zones.length} zones`,
    ];
  }
  const [only, ...others] = spec.zones;
  if (others.length > 0 || subnetZones(spec).length === 1) return [];
  return [`all nodes are in ${only}: losing it stops every workload although the API may survive`];
}

function ownNetwork(spec: ClusterSpec): string[] {
  if (spec.networking.used !== "cni") return [];
  return ["no network for pods is installed: no node is Ready until you have installed one"];
}

function machines(spec: ClusterSpec): string[] {
  const earlier = [...new Set([spec.masterSize, spec.nodeSize])].filter((size) => EARLIER_GENERATION.test(size));
  return [
    ...earlier.map(
      (size) => `${size} is of an earlier generation, which newer zones do not offer (t3.medium is current)`,
    ),
    ...(TOO_SMALL_FOR_MASTER.test(spec.masterSize)
      ? [`${spec.masterSize} is too small for a master (2 GiB needed)`]
      : []),
  ];
}

function quotas({ topology }: ClusterSpec, plan: Plan): string[] {
  const needed = plan.resources["elasticIps"] ?? 0;
  if (needed <= ELASTIC_IP_QUOTA) return [];
  return [
    `${needed} Elastic IPs are needed for ${topology === "public" ? "the masters" : "NAT gateways"}; ` +
      `AWS grants ${ELASTIC_IP_QUOTA} a region unless asked for more`,
  ];
}

function optional(sentence: string | undefined): string[] {
  return sentence === undefined ? [] : [sentence];
}

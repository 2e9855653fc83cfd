import { masterRootGiB, nodeRootGiB } from "../../functions/domain/plan/disks.ts";
import type { Plan, PlannedCluster } from "../../functions/domain/plan/plan-types.ts";
import { subnetZones } from "../../functions/domain/plan/subnets.ts";
import type { Versions } from "../../functions/domain/releases/pinned-versions.ts";
import { findKubernetesMinor } from "../../functions/domain/releases/versions.ts";
import { MOVE_AFTER_MINUTES } from "../../functions/domain/repair/zone-move.ts";
import type { ClusterSpec } from "../../functions/domain/spec/spec.ts";
import { costLines } from "./cost-text.ts";
import { drawZones } from "./zone-drawing.ts";

/** A plan for people, at most `width` characters wide where it can be. */
export function planText({ spec, plan, versions, warnings }: PlannedCluster, width: number): string {
  const minor = findKubernetesMinor(spec.kubernetesVersion);
  const support = minor ? ` (supported until ${minor.endOfLife})` : "";
  return [
    `Cluster ${spec.name} in ${spec.region}, Kubernetes ${versions?.kubernetes ?? spec.kubernetesVersion}${support}`,
    "",
    drawZones(spec, plan, width),
    "",
    survivalSentence(spec, plan),
    "",
    `Network    ${networkPhrase(plan)}`,
    `Addresses  VPC ${plan.network.cidr}, pods ${plan.network.pods}, services ${plan.network.services}`,
    `Resources  ${resourcesPhrase(plan.resources)}`,
    ...(plan.cost ? costLines(plan.cost) : []),
    ...labelled("Versions   ", versions && versionsPhrase(versions)),
    ...labelled("Roots      ", rootsPhrase(spec)),
    ...labelled("Zone out   ", zoneOutPhrase(spec)),
    ...labelled("Image      ", spec.image),
    ...labelled("DNS zone   ", spec.dnsZone),
    ...labelled("API        ", apiPhrase(spec)),
    ...labelled("Tags       ", pairsPhrase(spec.cloudLabels)),
    ...labelled("Labels     ", pairsPhrase(spec.labels ?? {})),
    ...(warnings.length > 0 ? ["", ...warnings.map((warning) => `Warning: ${warning}`)] : []),
    "",
  ].join("\n");
}

/** What the API survives, as one sentence. */
export function survivalSentence(spec: ClusterSpec, plan: Plan): string {
  const { masters, zones } = plan.survives;
  const lethal = subnetZones(spec).filter((zone) => !zones.includes(zone));
  const zonesPhrase =
    lethal.length === 0
      ? "any one zone"
      : zones.length === 0
        ? "no zone"
        : `${zones.length === 1 ? zones[0] : `any one of ${zones.join(", ")}`}, not of ${lethal.join(", ")}`;
  if (masters === 0) {
    return `The API does not survive the loss of its only master (which is replaced by itself); it survives the loss of ${zonesPhrase}.`;
  }
  return `The API survives the loss of ${masters === 1 ? "any one master" : `any ${masters} masters`}, and the loss of ${zonesPhrase}.`;
}

function networkPhrase({ network }: Plan): string {
  return network.requested === network.used ? network.used : `${network.used} (asked for: ${network.requested})`;
}

/** `natGateways` becomes `3 NAT gateways`; kinds of which there are none are left out. */
function resourcesPhrase(resources: Plan["resources"]): string {
  return Object.entries(resources)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => {
      const spaced = kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      const words = spaced.replace(/\b(vpc|nat|dns|ip)(?=s?\b)/g, (acronym) => acronym.toUpperCase());
      return `${count} ${count === 1 ? words.replace(/s$/, "") : words}`;
    })
    .join(", ");
}

/** What is pinned beside Kubernetes; `ebsDriver` becomes `EBS driver`. */
function versionsPhrase({ etcd, containerd, helm, addOns }: Versions): string {
  const words = (name: string) =>
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^ebs|vpc$/g, (word) => word.toUpperCase());
  const installed = Object.entries(addOns).map(([name, version]) => `${words(name)} ${version}`);
  return [`etcd ${etcd}`, `containerd ${containerd} or newer`, `Helm ${helm}`, ...installed].join(", ");
}

/** Nothing of the defaults. */
function rootsPhrase(spec: ClusterSpec): string | undefined {
  if (spec.masterRootVolumeGiB === undefined && spec.nodeRootVolumeGiB === undefined) return undefined;
  return `root volumes of ${masterRootGiB(spec)} GiB on masters, ${nodeRootGiB(spec)} GiB on nodes`;
}

/** Nothing of the default: to wait for the zone. */
function zoneOutPhrase({ masterZoneFallback, masterZoneFallbackMinutes }: ClusterSpec): string | undefined {
  if (masterZoneFallback !== "move") return undefined;
  const minutes = masterZoneFallbackMinutes ?? MOVE_AFTER_MINUTES;
  return `a master whose zone launches no instance for ${minutes} min moves to another zone, if the others are healthy`;
}

/** Nothing of the default: from everywhere. */
function apiPhrase({ apiLoadBalancerType, adminAccess }: ClusterSpec): string | undefined {
  if (apiLoadBalancerType === undefined && adminAccess === undefined) return undefined;
  const where = apiLoadBalancerType === "internal" ? "inside the VPC and what is connected to it" : "public";
  return adminAccess === undefined ? where : `${where}, for ${adminAccess.join(", ")} and the cluster itself`;
}

function pairsPhrase(named: ClusterSpec["cloudLabels"]): string | undefined {
  const pairs = Object.entries(named).map(([key, value]) => `${key}=${value}`);
  return pairs.length > 0 ? pairs.join(", ") : undefined;
}

function labelled(label: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${label}${value}`];
}

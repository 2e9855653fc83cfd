import type { ClusterView } from "../api/views.ts";
import { drillOf, intervalOf } from "../spec/rules/backups.ts";
import { counted } from "../text/counted.ts";
import type { FleetPolicy } from "./fleet-records.ts";

/** What of a cluster is not as the policy of its fleet asks, a phrase each. */
export function violationsOf(
  { spec, versions }: Pick<ClusterView, "spec" | "versions">,
  policy: FleetPolicy,
): string[] {
  const { kubernetes, backup, masters, spread } = policy;
  const version = versions?.kubernetes ?? spec.kubernetesVersion;
  const interval = intervalOf(spec);
  const most = backup?.intervalMinutes;
  const zones = new Set(spec.masterZones).size;
  return [
    kubernetes && isBelow(version, kubernetes.minimum) ? `Kubernetes ${version} is below ${kubernetes.minimum}` : "",
    most !== undefined && interval === 0 ? "backups are off" : "",
    most !== undefined && interval > most
      ? `a backup each ${counted(interval, "minute")}, and each ${most} are asked for`
      : "",
    backup?.drill === "weekly" && drillOf(spec) !== "weekly" ? "drills of backups are off" : "",
    masters && spec.masterZones.length < masters.minimum
      ? `${counted(spec.masterZones.length, "master")}, and ${masters.minimum} are asked for`
      : "",
    spread && zones < spread.zones ? `masters in ${counted(zones, "zone")}, and in ${spread.zones} are asked for` : "",
  ].filter((violation) => violation !== "");
}

/** By numbers; of a minimum that is a minor, every patch is enough. */
function isBelow(version: string, minimum: string): boolean {
  const [wanted, had] = [minimum, version].map((text) => text.split(".").map(Number));
  const place = (wanted ?? []).findIndex((number, index) => number !== had?.[index]);
  return place >= 0 && (had?.[place] ?? 0) < (wanted?.[place] ?? 0);
}

import type { Fleet, FleetSummary } from "../data/api.ts";
import { minutesText } from "./words.ts";

/** A fleet as it is typed. */
export interface FleetForm {
  readonly by: "selector" | "names";
  readonly selector: string;
  readonly names: string;
  readonly minimumVersion: string;
  readonly backupMinutes: string;
  readonly drill: boolean;
  /** Backup settings are changed where they are against the policy. */
  readonly enforce: boolean;
  readonly masters: string;
  readonly zones: string;
}

export const BLANK_FLEET: FleetForm = {
  by: "selector",
  selector: "",
  names: "",
  minimumVersion: "",
  backupMinutes: "",
  drill: false,
  enforce: false,
  masters: "",
  zones: "",
};

export function formOf({ selector, policy, clusters }: Pick<Fleet, "selector" | "policy" | "clusters">): FleetForm {
  const { kubernetes, backup, masters, spread, enforce } = policy;
  return {
    by: selector === null ? "names" : "selector",
    selector: selector ?? "",
    names: selector === null ? clusters.map(refText).join(", ") : "",
    minimumVersion: kubernetes?.minimum ?? "",
    backupMinutes: String(backup?.intervalMinutes ?? ""),
    drill: backup?.drill === "weekly",
    enforce: enforce?.includes("backup") ?? false,
    masters: String(masters?.minimum ?? ""),
    zones: String(spread?.zones ?? ""),
  };
}

const LOCAL = "local";

function refText({ endpoint, name }: Fleet["clusters"][number]): string {
  return endpoint === LOCAL ? name : `${endpoint}/${name}`;
}

/** What a request says of the fleet: its clusters and its policy, whole. */
export function bodyOf(form: FleetForm): Record<string, unknown> {
  return { ...membersOf(form), policy: policyOf(form) };
}

function membersOf({ by, selector, names }: FleetForm): Record<string, unknown> {
  if (by === "selector") return selector.trim() === "" ? {} : { selector: selector.trim() };
  const refs = names.split(/[\s,]+/).filter(Boolean);
  return refs.length === 0 ? {} : { clusters: refs.map(refOf) };
}

function refOf(text: string) {
  const [endpoint = "", cluster] = text.split("/");
  return cluster === undefined ? text : { endpoint, cluster };
}

/** Numbers as numbers; what is no number is sent as typed, and the API says what is wrong with it. */
function policyOf({
  minimumVersion,
  backupMinutes,
  drill,
  enforce,
  masters,
  zones,
}: FleetForm): Record<string, unknown> {
  const backup = {
    ...(backupMinutes === "" ? {} : { intervalMinutes: numberOf(backupMinutes) }),
    ...(drill ? { drill: "weekly" } : {}),
  };
  return {
    ...(minimumVersion === "" ? {} : { kubernetes: { minimum: minimumVersion.trim() } }),
    ...(Object.keys(backup).length === 0 ? {} : { backup }),
    ...(masters === "" ? {} : { masters: { minimum: numberOf(masters) } }),
    ...(zones === "" ? {} : { spread: { zones: numberOf(zones) } }),
    ...(enforce ? { enforce: ["backup"] } : {}),
  };
}

function numberOf(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/** `Kubernetes 1.36 or later, a backup each 60 min, 3 masters or more`: what a fleet's policy asks for. */
export function policyText({
  policy: { kubernetes, backup, masters, spread, enforce },
}: Pick<FleetSummary, "policy">): string {
  const parts = [
    kubernetes ? `Kubernetes ${kubernetes.minimum} or later` : "",
    backup?.intervalMinutes ? `a backup each ${minutesText(backup.intervalMinutes)}` : "",
    backup?.drill ? `a drill each week` : "",
    masters ? `${masters.minimum} masters or more` : "",
    spread ? `masters in ${spread.zones} zones or more` : "",
    enforce?.length ? "backups enforced" : "",
  ].filter(Boolean);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

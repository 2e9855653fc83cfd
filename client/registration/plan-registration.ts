import { createHash } from "node:crypto";
import type { ClusterView } from "../../functions/domain/api/views.ts";
import type { HubObject } from "./hub-cluster.ts";

/** What of ours marks the objects of one registration: no other object is read, changed or removed. */
export const REGISTRATION_LABEL = "holdfast/registration";
export const CLUSTER_LABEL = "holdfast/cluster";
/** What an object was made of; another value means that the cluster or the settings are others by now. */
const SOURCE = "holdfast/source";
const ISSUED_AT = "holdfast/issued-at";

/** How clusters are registered with a tool; another setting means that all are registered again. */
export interface RegistrationSettings {
  /** Of the objects: a name of the fleet, or of the selector. */
  readonly registration: string;
  readonly tool: "argocd" | "clusterprofile";
  readonly auth: "exec" | "certificate";
  /** How the tool calls this program. */
  readonly program: string;
  readonly api: string;
}

export type RegistrationStep =
  | {
      readonly action: "create" | "renew";
      readonly cluster: ClusterView;
      readonly former?: HubObject;
      readonly why: string;
    }
  /** Nothing secret of it is another. */
  | { readonly action: "relabel"; readonly cluster: ClusterView; readonly former: HubObject; readonly why: string }
  | { readonly action: "keep"; readonly cluster: ClusterView; readonly former?: HubObject; readonly why: string }
  | { readonly action: "remove"; readonly name: string; readonly former: HubObject; readonly why: string };

/** The authority of a cluster is asked for again so often; certificates are renewed with it. */
const CHECK_MS = 24 * 3_600_000;

/** What has to be done so that the tool knows these clusters and no others of ours. */
export function planRegistration(
  clusters: readonly ClusterView[],
  registered: readonly HubObject[],
  settings: RegistrationSettings,
  now: Date,
): RegistrationStep[] {
  const byCluster = new Map(registered.map((object) => [clusterOf(object), object]));
  const steps = clusters.map((cluster) => stepFor(cluster, byCluster.get(cluster.name), settings, now));
  const wanted = new Set(clusters.map(({ name }) => name));
  const removed = [...byCluster].flatMap(([name, former]) =>
    wanted.has(name) ? [] : [{ action: "remove" as const, name, former, why: "no such cluster is selected any more" }],
  );
  return [...steps, ...removed].toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

export function nameOf(step: RegistrationStep): string {
  return step.action === "remove" ? step.name : step.cluster.name;
}

export function clusterOf({ metadata }: HubObject): string {
  return metadata.labels[CLUSTER_LABEL] ?? "";
}

function stepFor(
  cluster: ClusterView,
  former: HubObject | undefined,
  settings: RegistrationSettings,
  now: Date,
): RegistrationStep {
  if (cluster.endpoint === null)
    return { action: "keep", cluster, why: "it has no endpoint yet", ...(former ? { former } : {}) };
  if (!former) return { action: "create", cluster, why: "it is new" };
  const { annotations, labels } = former.metadata;
  const renew = (why: string) => ({ action: "renew" as const, cluster, former, why });
  if (annotations[SOURCE] !== sourceOf(cluster, settings)) return renew("its endpoint or its access is another");
  const issuedAt = Date.parse(annotations[ISSUED_AT] ?? "");
  if (!(now.getTime() - issuedAt < CHECK_MS)) return renew("a day has gone by");
  const wanted = labelsOf(cluster, settings);
  const same = JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(labels));
  return same
    ? { action: "keep", cluster, former, why: "as it is" }
    : { action: "relabel", cluster, former, why: "its labels are others" };
}

function sorted(labels: Readonly<Record<string, string>>) {
  return Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function sourceOf(
  { name, endpoint, createdAt }: ClusterView,
  { tool, auth, program, api }: RegistrationSettings,
): string {
  const source = JSON.stringify([name, endpoint, createdAt, tool, auth, program, api]);
  return createHash("sha256").update(source).digest("hex").slice(0, 16);
}

const TOOL_LABELS = {
  argocd: { "argocd.argoproj.io/secret-type": "cluster" },
  clusterprofile: { "x-k8s.io/cluster-manager": "holdfast" },
} as const;

/** The labels of the cluster, by which tools select; ours count where they have the same name. */
function labelsOf(cluster: ClusterView, { registration, tool }: RegistrationSettings): Record<string, string> {
  return {
    ...cluster.spec.labels,
    ...TOOL_LABELS[tool],
    "app.kubernetes.io/managed-by": "holdfast",
    [REGISTRATION_LABEL]: registration,
    [CLUSTER_LABEL]: cluster.name,
  };
}

/** Metadata of an object: what others annotated stays. `issuedAt`: of the credential in it; undefined: as it was. */
export function metadataOf(
  cluster: ClusterView,
  former: HubObject | undefined,
  settings: RegistrationSettings,
  issuedAt: Date | undefined,
) {
  const { annotations = {}, resourceVersion } = former?.metadata ?? {};
  return {
    ...former?.metadata,
    name: former?.metadata.name ?? `holdfast-${cluster.name}`,
    labels: labelsOf(cluster, settings),
    annotations: {
      ...annotations,
      [SOURCE]: sourceOf(cluster, settings),
      ...(issuedAt === undefined ? {} : { [ISSUED_AT]: issuedAt.toISOString() }),
    },
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

import { createHash } from "node:crypto";
import type { ClusterView } from "../../functions/domain/api/views.ts";
import { LOCAL } from "../../functions/domain/fleet/fleet-records.ts";
import { type PlacedRef, placedText } from "../placed-ref.ts";
import type { HubObject } from "./hub-cluster.ts";

/** What of ours marks the objects of one registration: no other object is read, changed or removed. */
export const REGISTRATION_LABEL = "holdfast/registration";
export const CLUSTER_LABEL = "holdfast/cluster";
/** Only of a cluster of another Holdfast. */
const ENDPOINT_LABEL = "holdfast/endpoint";
/** What an object was made of; another value means that the cluster or the settings are others by now. */
const SOURCE = "holdfast/source";
const ISSUED_AT = "holdfast/issued-at";
/** How the tool signs in; an account in the cluster goes with its registration. */
const AUTH = "holdfast/auth";

/** How clusters are registered with a tool; another setting means that all are registered again. */
export interface RegistrationSettings {
  /** Of the objects: a name of the fleet, or of the selector. */
  readonly registration: string;
  readonly tool: "argocd" | "clusterprofile";
  readonly auth: "exec" | "certificate" | "token";
  /** How the tool calls this program. */
  readonly program: string;
}

/** A cluster that is to be registered, and the Holdfast that knows it and issues its certificates. */
export interface SelectedCluster extends PlacedRef {
  readonly view: ClusterView;
  readonly api: string;
  readonly region: string;
}

export type RegistrationStep =
  | {
      readonly action: "create" | "renew";
      readonly cluster: SelectedCluster;
      readonly former?: HubObject;
      readonly why: string;
    }
  /** Nothing secret of it is another. */
  | { readonly action: "relabel"; readonly cluster: SelectedCluster; readonly former: HubObject; readonly why: string }
  | { readonly action: "keep"; readonly cluster: SelectedCluster; readonly former?: HubObject; readonly why: string }
  | ({ readonly action: "remove" } & Former)
  /** Nothing is known of the cluster now. */
  | ({ readonly action: "leave" } & Former);

interface Former {
  readonly name: string;
  readonly former: HubObject;
  readonly why: string;
}

/** The authority of a cluster is asked for again so often; certificates are renewed with it. */
const CHECK_MS = 24 * 3_600_000;

/**
 * What has to be done so that the tool knows these clusters and no others of ours. `silent`: endpoints that were not asked,
 * or did not answer.
 */
export function planRegistration(
  clusters: readonly SelectedCluster[],
  registered: readonly HubObject[],
  settings: RegistrationSettings,
  now: Date,
  silent: ReadonlySet<string>,
): RegistrationStep[] {
  const byCluster = new Map(registered.map((object) => [clusterOf(object), object]));
  const steps = clusters.map((cluster) => stepFor(cluster, byCluster.get(placedText(cluster)), settings, now));
  const wanted = new Set(clusters.map(placedText));
  const removed = [...byCluster].flatMap(([name, former]): RegistrationStep[] => {
    if (wanted.has(name)) return [];
    const endpoint = endpointOf(former);
    if (silent.has(endpoint))
      return [{ action: "leave", name, former, why: `nothing is known of endpoint ${endpoint}` }];
    return [{ action: "remove", name, former, why: "no such cluster is selected any more" }];
  });
  return [...steps, ...removed].toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

export function nameOf(step: RegistrationStep): string {
  return step.action === "remove" || step.action === "leave" ? step.name : placedText(step.cluster);
}

/** With its endpoint, as {@link placedText}. */
export function clusterOf(object: HubObject): string {
  return placedText({ endpoint: endpointOf(object), name: object.metadata.labels[CLUSTER_LABEL] ?? "" });
}

/** Whether the tool signs in by an account that was made in the cluster. */
export function hasAccount(object: HubObject | undefined): boolean {
  return object?.metadata.annotations[AUTH] === "token";
}

export function endpointOf({ metadata }: HubObject): string {
  return metadata.labels[ENDPOINT_LABEL] ?? LOCAL;
}

function stepFor(
  cluster: SelectedCluster,
  former: HubObject | undefined,
  settings: RegistrationSettings,
  now: Date,
): RegistrationStep {
  if (cluster.view.endpoint === null)
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

function sourceOf({ view, api }: SelectedCluster, { tool, auth, program }: RegistrationSettings): string {
  const { name, endpoint, createdAt } = view;
  const source = JSON.stringify([name, endpoint, createdAt, tool, auth, program, api]);
  return createHash("sha256").update(source).digest("hex").slice(0, 16);
}

const TOOL_LABELS = {
  argocd: { "argocd.argoproj.io/secret-type": "cluster" },
  clusterprofile: { "x-k8s.io/cluster-manager": "holdfast" },
} as const;

/** The labels of the cluster, by which tools select; ours count where they have the same name. */
function labelsOf(
  { endpoint, name, view }: SelectedCluster,
  { registration, tool }: RegistrationSettings,
): Record<string, string> {
  return {
    ...view.spec.labels,
    ...TOOL_LABELS[tool],
    "app.kubernetes.io/managed-by": "holdfast",
    [REGISTRATION_LABEL]: registration,
    [CLUSTER_LABEL]: name,
    ...(endpoint === LOCAL ? {} : { [ENDPOINT_LABEL]: endpoint }),
  };
}

/** Metadata of an object: what others annotated stays. `issuedAt`: of the credential in it; undefined: as it was. */
export function metadataOf(
  cluster: SelectedCluster,
  former: HubObject | undefined,
  settings: RegistrationSettings,
  issuedAt: Date | undefined,
) {
  const { annotations = {}, resourceVersion } = former?.metadata ?? {};
  return {
    ...former?.metadata,
    name: former?.metadata.name ?? objectName(cluster),
    labels: labelsOf(cluster, settings),
    annotations: {
      ...annotations,
      [SOURCE]: sourceOf(cluster, settings),
      [AUTH]: settings.auth,
      ...(issuedAt === undefined ? {} : { [ISSUED_AT]: issuedAt.toISOString() }),
    },
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** No name of a cluster begins with a hyphen, and none of an endpoint has a dot: no two clusters have one object. */
function objectName({ endpoint, name }: PlacedRef): string {
  return endpoint === LOCAL ? `holdfast-${name}` : `holdfast--${endpoint}.${name}`;
}

import * as z from "zod";
import { NotReadyYet, RestoreFailed } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { explainRestored } from "../../domain/restore/restored-data.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import type { StepRequest } from "../../runtime/handlers.ts";
import { hostCommandCalls, runDocument } from "../members/host-command.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "./hosts.ts";
import type { readRestoration } from "./restoration.ts";

export const acceptRestoredCalls = { ...hostCommandCalls, ...restoreHostsCalls };

type Collaborators = Deps<typeof acceptRestoredCalls, { readonly RESTORE_STATUS_DOCUMENT: string }>;
type Restored = Awaited<ReturnType<typeof readRestoration>>;

interface Acceptance {
  readonly step: string;
  /** The document that counts what a restored etcd has, and its parameters. */
  readonly document: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What else is true of the restoration from here on. */
  readonly change: Partial<Restored["restoration"]>;
}

const Said = z.object({ clusterId: z.string(), revision: z.number(), keys: z.number() });

/**
 * Records the restored etcd as the cluster's, once every member commits. Throws NotReadyYet before, and RestoreFailed if
 * it is not one new cluster with what the file has.
 */
export async function acceptRestored(
  deps: Collaborators,
  { cluster, restoration }: Restored,
  { operation }: StepRequest,
  begun: Begun,
  { step, document, parameters, change: further }: Acceptance,
): Promise<void> {
  const masters = await liveMasters(deps, cluster);
  const asked = await askMasters(deps, deps.env.RESTORE_STATUS_DOCUMENT, masters, { token: restoration.token });
  const serving = asked.filter(({ report }) => report?.healthy);
  const [first] = serving;
  if (!first || serving.length < cluster.plan.members.length) throw new NotReadyYet("not every restored etcd commits");
  const asking = { operation, step, member: null, begun };
  const output = await runDocument(deps, asking, first.instanceId, document, parameters);
  const said = Said.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  const clusterIds = serving.map(({ report }) => report?.clusterId ?? null);
  const wrong = explainRestored({ ...said, clusterIds }, restoration);
  if (wrong !== undefined) throw new RestoreFailed(wrong);
  const now = deps.clock.now();
  const seen = { health: "healthy" as const, observedAt: now.toISOString() };
  for (const { member } of serving) await deps.store.updateMember(cluster.name, member, seen);
  const change = { etcdClusterId: said.clusterId, restoration: { ...restoration, ...further, checked: true } };
  await deps.store.updateCluster(cluster.name, operation, change, now);
}

import * as z from "zod";
import { NotReadyYet, RestoreFailed } from "../../../domain/cluster/errors.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import { explainRestored } from "../../../domain/restore/restored-data.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls, runDocument } from "../../../usecases/members/host-command.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls, ...restoreHostsCalls };

const STEP = "Check taken data";
const ENV = { RESTORE_STATUS_DOCUMENT: NonEmpty, TAKEN_DATA_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Said = z.object({ clusterId: z.string(), revision: z.number(), keys: z.number() });

/** The restored etcd is one new cluster, and has the file's keys. Throws RestoreFailed if it is not. */
export async function checkTaken(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  if (restoration.checked) return;
  const masters = await liveMasters(deps, cluster);
  const asked = await askMasters(deps, deps.env.RESTORE_STATUS_DOCUMENT, masters, { token: restoration.token });
  const serving = asked.filter(({ report }) => report?.healthy);
  const [first] = serving;
  if (!first || serving.length < cluster.plan.members.length) throw new NotReadyYet("not every restored etcd commits");
  const asking = { operation, step: STEP, member: null, begun };
  const output = await runDocument(deps, asking, first.instanceId, deps.env.TAKEN_DATA_DOCUMENT, { forget: "no" });
  const said = Said.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  const clusterIds = serving.map(({ report }) => report?.clusterId ?? null);
  const wrong = explainRestored({ ...said, clusterIds }, restoration);
  if (wrong !== undefined) throw new RestoreFailed(wrong);
  const observedAt = deps.clock.now().toISOString();
  for (const { member } of serving) await deps.store.updateMember(name, member, { health: "healthy", observedAt });
  const change = { etcdClusterId: said.clusterId, restoration: { ...restoration, checked: true } };
  await deps.store.updateCluster(name, operation, change, deps.clock.now());
}

export const handler = stepHandler(STEP, StepInput, checkTaken, collaborators(calls, ENV));

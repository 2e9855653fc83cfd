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

const STEP = "Check restored data";
const ENV = { RESTORE_STATUS_DOCUMENT: NonEmpty, RESTORED_DATA_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Said = z.object({ clusterId: z.string(), revision: z.number(), keys: z.number() });

/**
 * The restored etcd is one new cluster, and has what the file has. From here on API servers may start, so clients may
 * write: that is written down, and nothing is undone any more. Throws RestoreFailed if it is not.
 */
export async function checkRestored(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const masters = await liveMasters(deps, cluster);
  const asked = await askMasters(deps, deps.env.RESTORE_STATUS_DOCUMENT, masters, { token: restoration.token });
  const serving = asked.filter(({ report }) => report?.healthy);
  const [first] = serving;
  if (!first || serving.length < cluster.plan.members.length) throw new NotReadyYet("not every restored etcd commits");
  const addresses = cluster.plan.members.map(({ address }) => address).join(" ");
  const asking = { operation, step: STEP, member: null, begun };
  const output = await runDocument(deps, asking, first.instanceId, deps.env.RESTORED_DATA_DOCUMENT, { addresses });
  const said = Said.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  const clusterIds = serving.map(({ report }) => report?.clusterId ?? null);
  const wrong = explainRestored({ ...said, clusterIds }, restoration);
  if (wrong !== undefined) throw new RestoreFailed(wrong);
  const observedAt = deps.clock.now().toISOString();
  for (const { member } of serving) await deps.store.updateMember(name, member, { health: "healthy", observedAt });
  await deps.store.updateCluster(
    name,
    operation,
    { etcdClusterId: said.clusterId, restoration: { ...restoration, checked: true, serving: true } },
    deps.clock.now(),
  );
}

export const handler = stepHandler(STEP, StepInput, checkRestored, collaborators(calls, ENV));

import { ec2 } from "../../../aws/ec2/client.ts";
import { ensureKeptSnapshot } from "../../../aws/ec2/snapshots.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { ownerOf } from "../../../domain/cluster/records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { readHeld, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...restoreHostsCalls, ...bind(ec2, { ensureKeptSnapshot }) };

const ENV = { KEEP_DATA_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Puts a member's former data aside: by a rename on its volume, and as an EBS snapshot. */
export async function keepData(deps: Collaborators, { cluster: name, member }: MemberStepRequest): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const { record, restoring } = await readHeld(deps, name, member);
  const own = (await liveMasters(deps, cluster)).filter(({ instanceId }) => instanceId === record.instanceId);
  const [host] = await askMasters(deps, deps.env.KEEP_DATA_DOCUMENT, own, { token: restoration.token });
  const data = host?.report?.data;
  if (!host?.report?.mounted || data === "former") throw new NotReadyYet(`the data of ${member} is not kept yet`);
  if (restoring.keptSnapshot !== undefined) return;
  const keptSnapshot =
    data === "none" || record.volumeId === null
      ? null
      : await deps.aws.ensureKeptSnapshot(
          ownerOf(cluster),
          { member, volumeId: record.volumeId, name: restoration.token, why: "before a restore", days: 30 },
          deps.clock.now(),
        );
  await deps.store.updateMember(name, member, { restoring: { ...restoring, keptSnapshot } });
}

export const handler = stepHandler("Keep data", MemberStepInput, keepData, collaborators(calls, ENV));

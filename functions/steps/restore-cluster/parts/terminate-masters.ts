import * as z from "zod";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { TAG } from "../../../domain/cluster/naming.ts";
import { MemberName } from "../../../domain/spec/value-schemas.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { readOwningCluster } from "../../../usecases/deletion/owning-cluster.ts";
import { endMaster, endMasterCalls, ownedInstance } from "../../../usecases/members/end-master.ts";
import { recordEvent, recordEventCalls } from "../../../usecases/operations/record-event.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...restoreHostsCalls, ...endMasterCalls, ...recordEventCalls };

const ENV = { RESTORE_STATUS_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = StepInput.extend({ members: z.array(MemberName) });

/**
 * Ends instances that have not said that their etcd is stopped: they are asked once more. Their volumes stay. Throws
 * NotReadyYet until EC2 says that they are terminated.
 */
export async function terminateMasters(deps: Collaborators, input: z.output<typeof Input>): Promise<void> {
  const { cluster: name, operation, members } = input;
  const { cluster, restoration } = await readRestoration(deps, name);
  const named = (await liveMasters(deps, cluster)).filter(({ tags }) => members.includes(tags[TAG.member] ?? ""));
  const asked = await askMasters(deps, deps.env.RESTORE_STATUS_DOCUMENT, named, { token: restoration.token });
  const silent = asked.filter(({ report }) => report === null);
  if (silent.length === 0) return;
  const owningCluster = await readOwningCluster(deps, name);
  for (const instance of silent.filter(({ state }) => state !== "shutting-down")) {
    const { member, instanceId } = instance;
    const message = `Master ${member} has not said that its etcd is stopped; ${instanceId} is terminated, its volume stays.`;
    const event = { type: "master-silent", message, member, operation };
    await recordEvent(deps, name, { time: deps.clock.now().toISOString(), ...event });
    await endMaster(deps, cluster, member, ownedInstance(owningCluster, member, instance));
  }
  throw new NotReadyYet(`${silent.map(({ instanceId }) => instanceId).join(", ")} is not terminated yet`);
}

export const handler = stepHandler("Terminate masters", Input, terminateMasters, collaborators(calls, ENV));

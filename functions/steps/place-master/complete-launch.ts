import * as z from "zod";
import { listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { completeLaunch } from "../../aws/auto-scaling/instances.ts";
import { InstanceGone } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = { ...bind(autoScaling, { completeLaunch, listGroupInstances }) };

type Collaborators = Deps<typeof calls>;

const Input = MemberStepInput.extend({ instanceId: z.string() });

/**
 * Lets the instance into service, now that its member is healthy. Where the hook holds nothing, the instance's state
 * says why: in service already needs nothing, on its way to the hook must wait.
 */
export async function completeLaunchStep(
  deps: Collaborators,
  { cluster, member, instanceId }: z.output<typeof Input>,
): Promise<void> {
  const group = masterGroupName(ownerOf(await deps.store.getCluster(cluster)), member);
  await pollUntil(
    deps.clock,
    async () => {
      if (await deps.aws.completeLaunch(group, instanceId)) return true;
      const instances = (await deps.aws.listGroupInstances([group])).get(group) ?? [];
      const state = instances.find((instance) => instance.instanceId === instanceId)?.lifecycleState;
      if (state === undefined || /^Terminat/.test(state)) throw new InstanceGone(`${instanceId} is ${state ?? "gone"}`);
      return state === "InService" ? true : undefined;
    },
    { waitingFor: `${instanceId} to be in service`, firstMs: 150 },
  );
}

export const handler = stepHandler("Complete launch", Input, completeLaunchStep, collaborators(calls));

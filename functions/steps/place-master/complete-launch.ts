import * as z from "zod";
import { completeLaunch, listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { InstanceGone } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";

const Input = MemberStepInput.extend({ instanceId: z.string() });

/**
 * Lets the instance into service, now that its member is healthy. Where the hook holds nothing, the instance's state says
 * why: in service already needs nothing, on its way to the hook needs patience.
 */
const completeLaunchStep = async ({ cluster, member, instanceId }: z.output<typeof Input>): Promise<void> => {
  const group = masterGroupName(ownerOf(await getCluster(table, cluster)), member);
  await pollUntil(
    async () => {
      if (await completeLaunch(group, instanceId)) return true;
      const instances = (await listGroupInstances([group])).get(group) ?? [];
      const state = instances.find((instance) => instance.instanceId === instanceId)?.lifecycleState;
      if (state === undefined || /^Terminat/.test(state)) throw new InstanceGone(`${instanceId} is ${state ?? "gone"}`);
      return state === "InService" ? true : undefined;
    },
    { waitingFor: `${instanceId} to be in service`, firstMs: 150 },
  );
};

export const handler = stepHandler("Complete launch", table, Input, completeLaunchStep);

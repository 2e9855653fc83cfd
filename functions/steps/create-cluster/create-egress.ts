import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { type Begun, ownerIn } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { egressCalls, ensureEgress } from "../../usecases/network/egress.ts";

/** The way out of every subnet. */
export async function createEgress(
  deps: Deps<typeof egressCalls>,
  { cluster: name }: StepRequest,
  begun: Begun,
): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const owner = ownerIn(cluster, begun);
  // A gateway takes minutes: as long as one is on its way, a look is one call.
  if (!begun.first && [...(await deps.aws.natGatewayStates(owner)).values()].includes("pending"))
    throw new NotReadyYet("NAT gateways are not available yet");
  await ensureEgress(deps, owner, cluster);
}

export const handler = stepHandler("Create egress", StepInput, createEgress, collaborators(egressCalls));

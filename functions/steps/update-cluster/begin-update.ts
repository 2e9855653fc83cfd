import { ec2 } from "../../aws/ec2/client.ts";
import { associateSecurityGroups } from "../../aws/ec2/security-groups.ts";
import { networkOf } from "../../domain/cluster/recorded-network.ts";
import { MASTER_FIELDS } from "../../domain/spec/spec-change.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { awaitInFlightSteps } from "../../usecases/change/in-flight-steps.ts";

const calls = { ...bind(ec2, { associateSecurityGroups }) };

type Collaborators = Deps<typeof calls>;

/** Lets the user's security groups into the VPC, and says which masters the change concerns: all of them, or none. */
export async function beginUpdate(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
): Promise<{ members: string[] }> {
  await awaitInFlightSteps(deps, name, operation);
  const cluster = await deps.store.getCluster(name);
  const { spec, plan, pending } = cluster;
  const foreign = new Set([...spec.masterSecurityGroups, ...spec.nodeSecurityGroups]);
  await deps.aws.associateSecurityGroups([...foreign], networkOf(cluster).vpcId);
  const concerned = pending?.fields.some((field) => MASTER_FIELDS.has(field)) ? plan.members : [];
  return { members: concerned.map((member) => member.name) };
}

export const handler = stepHandler("Begin update", StepInput, beginUpdate, collaborators(calls));

import { associateSecurityGroups } from "../../aws/ec2/security-groups.ts";
import { networkOf } from "../../domain/cluster/recorded-network.ts";
import { MASTER_FIELDS } from "../../domain/spec/spec-change.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { awaitStragglers } from "../../usecases/change/stragglers.ts";

/** Lets the user's security groups into the VPC, and says which masters the change concerns: all of them, or none. */
const beginUpdate = async ({ cluster: name, operation }: StepInput): Promise<{ members: string[] }> => {
  await awaitStragglers(table, name, operation);
  const cluster = await getCluster(table, name);
  const { spec, plan, pending } = cluster;
  const foreign = new Set([...spec.masterSecurityGroups, ...spec.nodeSecurityGroups]);
  await associateSecurityGroups([...foreign], networkOf(cluster).vpcId);
  const concerned = pending?.fields.some((field) => MASTER_FIELDS.has(field)) ? plan.members : [];
  return { members: concerned.map((member) => member.name) };
};

export const handler = stepHandler("Begin update", table, StepInputSchema, beginUpdate);

import { ec2 } from "../../aws/ec2/client.ts";
import { setTemplateType } from "../../aws/ec2/launch-templates.ts";
import { masterTemplateName } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordEvent, recordEventCalls } from "../operations/record-event.ts";

export const changeSizeCalls = { ...recordEventCalls, ...bind(ec2, { setTemplateType }) };

/** A zone has no capacity for a master's instance type: its next launch is of another one. */
export async function changeSize(
  deps: Deps<typeof changeSizeCalls>,
  cluster: ClusterRecord,
  member: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const owner = ownerOf(cluster);
  await deps.aws.setTemplateType(owner, masterTemplateName(owner, member), to);
  const now = deps.clock.now().toISOString();
  await deps.store.updateMember(cluster.name, member, { size: { type: to, since: now } });
  const message = `There is no ${from} for master ${member} in its zone; ${to} is tried.`;
  await recordEvent(deps, cluster.name, { time: now, type: "size-changed", message, member, operation: null });
}

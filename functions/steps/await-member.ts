import * as z from "zod";
import { InstanceGone, NotReadyYet } from "../domain/errors.ts";
import { readMemberReport } from "../domain/member-report.ts";
import { parameterName } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { findInstances } from "../gateways/ec2/compute.ts";
import { putText } from "../gateways/parameters.ts";
import { askHosts } from "../gateways/run-command.ts";
import { addEvent, getCluster, updateMember } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { MemberStepInput, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";

const env = readEnv({ MEMBER_HEALTH_DOCUMENT: NonEmpty });
const Input = MemberStepInput.extend({ instanceId: z.string(), volumeId: z.string() });

/** Waits until the member's own etcd, on this instance, commits a read: it has its data and a quorum with it. */
const awaitMember = async ({ cluster: name, operation, member, instanceId, volumeId }: z.output<typeof Input>) => {
  const answer = await pollUntil(
    async () => {
      const [said] = await askHosts(env.MEMBER_HEALTH_DOCUMENT, [instanceId], { withinMs: 8_000 });
      const report = said ? readMemberReport(member, said.output) : undefined;
      if (report?.healthy) return report;
      throw new NotReadyYet(`etcd member ${member} on ${instanceId} is not healthy yet`);
    },
    { waitingFor: `etcd member ${member}`, withinMs: 25_000, firstMs: 250 },
  ).catch(async (error: unknown) => {
    if (!(error instanceof NotReadyYet)) throw error;
    const [instance] = await findInstances([instanceId]);
    if (instance && /^(pending|running)$/.test(instance.state)) throw error;
    throw new InstanceGone(`${instanceId} is ${instance?.state ?? "gone"}`);
  });
  const cluster = await getCluster(table, name);
  const record = await updateMember(table, name, member, { health: "healthy", observedAt: new Date().toISOString() });
  // From here on the volume has data: a host that finds it blank must refuse it.
  const volume = `${volumeId} ${record.generation} in-use`;
  await putText(ownerOf(cluster), `parameter/${member}-volume`, parameterName.volume(ownerOf(cluster), member), volume);
  await addEvent(table, name, {
    time: new Date().toISOString(),
    type: "member-healthy",
    message: `etcd member ${member} is healthy on ${instanceId}, with volume ${volumeId}.`,
    member,
    operation,
  });
  return { memberId: answer.memberId };
};

export const handler = stepHandler("Await member", table, Input, awaitMember);

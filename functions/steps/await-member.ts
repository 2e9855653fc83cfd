import * as z from "zod";
import { InstanceGone, NotReadyYet } from "../domain/errors.ts";
import { readMemberReport } from "../domain/member-report.ts";
import { parameterName } from "../domain/naming.ts";
import type { MemberAnswer } from "../domain/quorum.ts";
import { ownerOf } from "../domain/records.ts";
import { findInstances } from "../gateways/ec2/compute.ts";
import { replaceText } from "../gateways/parameters.ts";
import { askHosts } from "../gateways/run-command.ts";
import { getCluster, updateMember } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { MemberStepInput, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";
import { recordOf } from "../usecases/members.ts";
import { tellEvent } from "../usecases/story.ts";

const env = readEnv({ AWAIT_MEMBER_DOCUMENT: NonEmpty });
const Input = MemberStepInput.extend({ instanceId: z.string(), volumeId: z.string() });

/** No host with a new volume has its etcd running sooner; until then the command waits there. */
const BOOT_MS = 400;

/** It commits reads; or it is a learner, which may not yet, but follows a leader. */
const hasJoined = ({ healthy, isLearner, leaderId }: MemberAnswer): boolean =>
  healthy || (isLearner === true && leaderId !== null && leaderId !== "0");

/** Waits until the member's own etcd, on this instance, commits a read: it has its data and a quorum with it. */
const awaitMember = async ({ cluster: name, operation, member, instanceId, volumeId }: z.output<typeof Input>) => {
  const answer = await pollUntil(
    async () => {
      const [said] = await askHosts(env.AWAIT_MEMBER_DOCUMENT, [instanceId], {
        withinMs: 20_000,
        firstLookMs: BOOT_MS,
      });
      const report = said ? readMemberReport(member, said.output) : undefined;
      if (report && hasJoined(report)) return report;
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
  const health = answer.healthy ? ("healthy" as const) : ("unhealthy" as const);
  const { generation, usedVolumeId } = await recordOf(table, name, member);
  // From here on the volume has data: a host that finds it blank must refuse it.
  if (usedVolumeId !== volumeId) {
    await replaceText(parameterName.volume(ownerOf(cluster), member), `${volumeId} ${generation} in-use`);
  }
  await updateMember(table, name, member, { health, observedAt: new Date().toISOString(), usedVolumeId: volumeId });
  await tellEvent(table, name, {
    time: new Date().toISOString(),
    type: answer.healthy ? "member-healthy" : "member-learning",
    message: `etcd member ${member} ${answer.healthy ? "is healthy" : "learns"} on ${instanceId}, with volume ${volumeId}.`,
    member,
    operation,
  });
  return { memberId: answer.memberId };
};

export const handler = stepHandler("Await member", table, Input, awaitMember);

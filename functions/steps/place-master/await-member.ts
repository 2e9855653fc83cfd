import * as z from "zod";
import { consoleTail, findInstances } from "../../aws/ec2/compute.ts";
import { replaceText } from "../../aws/ssm/parameters.ts";
import { BootFailed, DataDamaged, InstanceGone, NotReadyYet } from "../../domain/cluster/errors.ts";
import { masterGroupName, parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, type DamageRecord, ownerOf } from "../../domain/cluster/records.ts";
import { countBootFailure } from "../../domain/repair/boot-failures.ts";
import { readMemberReport } from "../../domain/repair/member-report.ts";
import type { MemberAnswer } from "../../domain/repair/quorum.ts";
import { checkServedData } from "../../domain/repair/served-data.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, updateMember } from "../../store/clusters.ts";
import { readClaimant } from "../../usecases/deletion/claimant.ts";
import { endMaster, letEnd, permitToEnd } from "../../usecases/members/end-master.ts";
import { askHost } from "../../usecases/members/host-command.ts";
import { recordOf } from "../../usecases/members/members.ts";
import { tellEvent } from "../../usecases/operations/story.ts";

const STEP = "Await member";
const env = readEnv({ AWAIT_MEMBER_DOCUMENT: NonEmpty });
const Input = MemberStepInput.extend({ instanceId: z.string(), volumeId: z.string() });

/** An instance answers one or two minutes after its launch; the load targets allow six to be healthy (faults §5.1). */
const ANSWERS_WITHIN_MS = 10 * 60_000;

/** No host with a new volume has its etcd running sooner; until then the command waits there. */
const BOOT_MS = 1_200;

/** The document waits 12 seconds and asks etcd; an agent that is alive has answered by then. */
const COMMAND_MS = 30_000;
/** Nobody asks EC2 about the instance while a command is that young. */
const YOUNG_MS = 10_000;

/** It commits reads; or it follows a leader and is a learner, which may not read yet, or has no space, which a person mends. */
const hasJoined = ({ healthy, isLearner, leaderId, trouble }: MemberAnswer): boolean =>
  healthy || ((isLearner === true || trouble?.kind === "full") && leaderId !== null && leaderId !== "0");

/** Asks whether the member's own etcd, on this instance, commits a read: it has its data and a quorum with it. The flow asks again. */
const awaitMember = async (input: z.output<typeof Input>, begun: Begun) => {
  const { cluster: name, operation, member, instanceId, volumeId } = input;
  const answer = await askMember(input, begun);
  const cluster = await getCluster(table, name);
  const health = answer.healthy ? ("healthy" as const) : ("unhealthy" as const);
  const { generation, usedVolumeId } = await recordOf(table, name, member);
  // From here on the volume has data: a host that finds it blank must refuse it.
  if (usedVolumeId !== volumeId) {
    await replaceText(parameterName.volume(ownerOf(cluster), member), `${volumeId} ${generation} in-use`);
  }
  const observedAt = new Date().toISOString();
  await updateMember(table, name, member, { health, observedAt, usedVolumeId: volumeId, bootFailures: null });
  await tellEvent(table, name, {
    time: new Date().toISOString(),
    type: answer.healthy ? "member-healthy" : "member-learning",
    message: `etcd member ${member} ${answer.healthy ? "is healthy" : "learns"} on ${instanceId}, with volume ${volumeId}.`,
    member,
    operation,
  });
  return { memberId: answer.memberId };
};

/** What the member says of itself, once it has joined. Throws NotReadyYet, or what keeps it from ever joining on this instance. */
const askMember = async (input: z.output<typeof Input>, begun: Begun): Promise<MemberAnswer> => {
  const { cluster, operation, member, instanceId, volumeId } = input;
  const known = begun.command?.instanceId === instanceId ? begun.command : undefined;
  const ageMs = known === undefined ? 0 : Date.now() - known.sentAt;
  let sent = false;
  const question = {
    document: env.AWAIT_MEMBER_DOCUMENT,
    instanceId,
    firstLookMs: BOOT_MS,
    answersWithinMs: COMMAND_MS,
    onSent: () => {
      sent = true;
    },
  };
  const [{ etcdClusterId: clusterId }, said] = await Promise.all([
    getCluster(table, cluster),
    askHost(table, { operation, step: STEP, member, begun }, question).catch(async (error: unknown) => {
      if (!(error instanceof NotReadyYet) || (sent && ageMs < YOUNG_MS)) throw error;
      await requireAlive(input, sent && ageMs < COMMAND_MS);
      throw error;
    }),
  ]);
  const report = checkServedData(readMemberReport(member, said.output), { volumeId, clusterId });
  if (hasJoined(report)) return report;
  // On a fresh instance neither is a hang: nothing is gained by waiting.
  const { trouble } = report;
  if (trouble?.kind === "refused" || trouble?.kind === "crashing")
    await rememberDamage(cluster, operation, member, { volumeId, reason: trouble.detail });
  if (trouble?.kind === "boot") await giveUp(input, "its user data failed");
  await requireAlive(input, said.ok);
  throw new NotReadyYet(`etcd member ${member} on ${instanceId} is not healthy yet`);
};

/** Throws InstanceGone for an instance that has ended, or that is given up because nothing on it ever answered. */
const requireAlive = async (at: z.output<typeof Input>, answers: boolean): Promise<void> => {
  const [instance] = await findInstances([at.instanceId]);
  if (!instance || !/^(pending|running)$/.test(instance.state))
    throw new InstanceGone(`${at.instanceId} is ${instance?.state ?? "gone"}`);
  if (!answers && Date.now() - instance.launchedAt > ANSWERS_WITHIN_MS)
    await giveUp(at, "its management agent never answered");
};

/** The volume is named in the story and on the member's record; what is done about it is the next assessment's to say. */
const rememberDamage = async (
  name: string,
  operation: string,
  member: string,
  damage: DamageRecord,
): Promise<never> => {
  await updateMember(table, name, member, { damage, health: "unhealthy", observedAt: new Date().toISOString() });
  const message = `Volume ${damage.volumeId} of member ${member} is not usable on a fresh instance either: ${damage.reason}. It is kept as it is.`;
  const time = new Date().toISOString();
  await tellEvent(table, name, { time, type: "volume-damaged", message, member, operation });
  throw new DataDamaged(message);
};

/**
 * An instance that does not boot will not become a master: its launch is abandoned, so that the group tries another. The
 * third in a row ends the operation, with the end of what it printed on its console.
 */
const giveUp = async (at: MemberStepInput & { readonly instanceId: string }, why: string): Promise<never> => {
  const { cluster, operation, member, instanceId } = at;
  const { bootFailures } = await recordOf(table, cluster, member);
  const { giveUp: isLast, ...failures } = countBootFailure(bootFailures, operation, Date.now());
  const message = `${instanceId} did not boot: ${why}. The end of its console: ${await consoleTail(instanceId)}`;
  const observedAt = new Date().toISOString();
  await updateMember(table, cluster, member, { bootFailures: failures, health: "unhealthy", observedAt });
  const record = await getCluster(table, cluster);
  const [instance] = await findInstances([instanceId]);
  if (instance)
    await endMaster(table, record, member, permitToEnd(await readClaimant(table, cluster), member, instance));
  await letEnd(masterGroupName(ownerOf(record), member), instanceId);
  if (!isLast) throw new InstanceGone(message);
  const until = new Date(failures.retryAt).toISOString();
  throw new BootFailed(
    `${failures.count} instances of master ${member} in a row failed; nothing is tried before ${until}. ${message}`,
  );
};

export const handler = stepHandler(STEP, table, Input, awaitMember);

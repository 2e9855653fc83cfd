import { DetachVolumeCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import * as z from "zod";
import { EventViewSchema, type MemberView } from "../../../functions/domain/api/views.ts";
import { clusterName } from "../cases.ts";
import { apiOf, type Outcome, passed, type Tools, waitFor } from "../tools.ts";
import { getCluster } from "./create.ts";

const LIMIT_MINUTES = 30;
const OF = "ha";

/** The leader's instance is terminated, as EC2 or a person may do it. */
export function healTerminated(tools: Tools): Promise<Outcome> {
  return heal("heal-terminated", tools, async ({ instanceId }) => {
    await tools.aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
  });
}

/** A master's volume is taken away: Holdfast ends the instance and launches another. */
export function healDetached(tools: Tools): Promise<Outcome> {
  return heal("heal-detached", tools, async ({ instanceId, volumeId }) => {
    const request = { InstanceId: instanceId, VolumeId: volumeId, Force: true };
    await tools.aws.ec2.send(new DetachVolumeCommand(request)).catch((error: unknown) => {
      // Repeated, it finds the volume free, or on the next instance already.
      if (!/^(IncorrectState|InvalidAttachment)/.test(error instanceof Error ? error.name : "")) throw error;
    });
  });
}

const Victim = z.object({ member: z.string(), instanceId: z.string(), volumeId: z.string(), at: z.string() });
type Victim = z.output<typeof Victim>;

/** Who is hurt is written down before, so that a check that is repeated hurts nobody else. */
async function heal(check: string, tools: Tools, hurt: (victim: Victim) => Promise<void>): Promise<Outcome> {
  const { state, save, signal } = tools;
  const known = state.notes[check];
  const victim = known === undefined ? await chooseVictim(tools) : Victim.parse(JSON.parse(known));
  if (known === undefined) await save({ notes: { ...state.notes, [check]: JSON.stringify(victim) } });
  await hurt(victim);
  const after = await waitFor(async () => replacementOf(await getCluster(tools, OF), victim), {
    what: `${victim.member} is repaired`,
    minutes: LIMIT_MINUTES,
    signal,
  });
  const seconds = (Date.now() - Date.parse(victim.at)) / 1_000;
  const events = await apiOf(tools).list(`/clusters/${clusterName(state.run, OF)}/events`, EventViewSchema);
  const timeline = events
    .filter(({ time }) => time >= victim.at)
    .map(({ time, type, member }) => ({ seconds: (Date.parse(time) - Date.parse(victim.at)) / 1_000, type, member }))
    .toSorted((one, other) => one.seconds - other.seconds);
  const evidence = { seconds, before: victim.instanceId, after: after.instanceId, timeline };
  return passed(`master ${victim.member} was healthy on another instance after ${Math.round(seconds)} s`, evidence);
}

async function chooseVictim(tools: Tools): Promise<Victim> {
  const { members, quorum } = await getCluster(tools, OF);
  const member = members.find(({ name }) => name === quorum.leader) ?? members[0];
  const { name, instanceId, volumeId } = member ?? {};
  if (name === undefined || !instanceId || !volumeId) throw new Error("the cluster has no master to hurt");
  return { member: name, instanceId, volumeId, at: new Date().toISOString() };
}

/** The member on another instance, in a cluster that is whole; undefined before that. */
function replacementOf(
  { status, members }: Awaited<ReturnType<typeof getCluster>>,
  { member, instanceId }: Victim,
): MemberView | undefined {
  const isWhole = status === "ACTIVE" && members.every(({ health }) => health === "healthy");
  return members.find((each) => isWhole && each.name === member && each.instanceId !== instanceId);
}

import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, type InstanceFacts, isRunning } from "../../aws/ec2/compute.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { askHosts } from "../../aws/ssm/run-command.ts";
import { NotReadyYet, QuorumAtRisk } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { toHexId } from "../../domain/repair/member-list.ts";
import { evaluateDisruption, type MemberAnswer } from "../../domain/repair/quorum.ts";
import { certificatesCalls, refreshCertificates } from "../../pki/certificates.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../runtime/handlers.ts";
import { logger } from "../../runtime/logger.ts";
import { collaborators } from "../../runtime/system.ts";
import { awaitEnd, endMaster, endMasterCalls, ownedInstance } from "../../usecases/members/end-master.ts";
import { endOf, planOf, recordOf } from "../../usecases/members/members.ts";
import { askMembers, observeCalls } from "../../usecases/members/observe.ts";

const calls = {
  ...certificatesCalls,
  ...endMasterCalls,
  ...observeCalls,
  ...bind(ec2, { findInstances }),
  ...bind(ssm, { askHosts }),
};

const ENV = { MEMBER_HEALTH_DOCUMENT: NonEmpty, MOVE_LEADER_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Within that a host says what it knows of its etcd, or it hangs. */
const LOOK_MS = 8_000;

/**
 * Terminates a master's instance on purpose, after moving its leadership away. Its group launches the next one. A
 * healthy member is stopped only while every other member is healthy; this is asked again here, since the assessment is
 * older. Throws QuorumAtRisk otherwise.
 */
export async function stopMaster(deps: Collaborators, { cluster: name, member }: MemberStepRequest): Promise<void> {
  const { instanceId } = await recordOf(deps, name, member);
  if (instanceId === null) return;
  const [instance] = await deps.aws.findInstances([instanceId]);
  // An ended instance is in no group, and permissions depend on its group's tags: reading it again would be denied.
  const cluster = await deps.store.getCluster(name);
  if (instance && isRunning(instance.state)) {
    // Before its instance ends, so that the next one cannot boot with those that the last one had.
    await refreshCertificates(deps, ownerOf(cluster), planOf(cluster, member));
    await endInstance(deps, cluster, member, instance);
  }
  await deps.store.updateMember(name, member, { health: "unhealthy", observedAt: deps.clock.now().toISOString() });
  await awaitEnd(deps, masterGroupName(ownerOf(cluster), member), instanceId);
}

async function endInstance(
  deps: Collaborators,
  cluster: ClusterRecord,
  member: string,
  instance: InstanceFacts,
): Promise<void> {
  const { name, plan } = cluster;
  const { instanceId } = instance;
  const members = await deps.store.listMembers(name);
  const owned = ownedInstance(owningClusterOf(cluster, members), member, instance);
  const answers = await askMembers(deps, deps.env.MEMBER_HEALTH_DOCUMENT, cluster, members, { withinMs: LOOK_MS });
  // A single master has no other members; the assessment decided that it must be replaced.
  if (plan.members.length > 1 && answers.find((answer) => answer.member === member)?.healthy) {
    const { allowed, reason } = evaluateDisruption(answers, member);
    if (!allowed) throw new QuorumAtRisk(`${instanceId} of master ${member} is not terminated now: ${reason}`);
  }
  await moveLeaderAway(deps, answers, member, instanceId);
  await endMaster(deps, cluster, member, owned);
}

/** Avoids an election (docs/references/kops.md#elections). A member that does not answer cannot move its leadership. */
async function moveLeaderAway(
  deps: Collaborators,
  answers: readonly MemberAnswer[],
  member: string,
  instanceId: string,
): Promise<void> {
  const own = answers.find((answer) => answer.member === member);
  const heir = answers.find((answer) => answer.member !== member && answer.healthy && answer.isLearner !== true);
  if (!own?.reachable || own.leaderId !== own.memberId || !heir?.memberId) return;
  try {
    const parameters = { memberId: [toHexId(heir.memberId)] };
    const [answer] = await deps.aws.askHosts(deps.env.MOVE_LEADER_DOCUMENT, [instanceId], {
      withinMs: LOOK_MS,
      parameters,
    });
    if (!answer?.ok) throw new NotReadyYet(`${instanceId} has not given away the leadership of etcd: ${endOf(answer)}`);
  } catch (error) {
    // A healthy master waits for its leadership to move; a broken one is stopped anyway.
    if (own.healthy) throw error;
    logger.warn("leadership was not moved", { member, error: error instanceof Error ? error : String(error) });
  }
}

export const handler = stepHandler("Stop master", MemberStepInput, stopMaster, collaborators(calls, ENV));

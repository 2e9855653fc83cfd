import { ssm } from "../../aws/ssm/client.ts";
import { type AskOptions, askHosts, type HostAnswer } from "../../aws/ssm/run-command.ts";
import type { NodeView } from "../../domain/api/views.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { readNodeList } from "../../domain/host/node-list.ts";
import { settledMembers } from "../../domain/migrate/settled-members.ts";
import { readMemberReport, silent } from "../../domain/repair/member-report.ts";
import { evaluateQuorum, type MemberAnswer, type QuorumResult } from "../../domain/repair/quorum.ts";
import { agreedClusterId, checkServedData } from "../../domain/repair/served-data.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const observeCalls = { ...bind(ssm, { askHosts }) };

type Collaborators = Deps<typeof observeCalls>;

/**
 * Asks the etcd of every member, through its own host. A member without an instance, or without an answer, is silent;
 * one that serves other data than the records know is not healthy.
 */
export async function askMembers(
  deps: Collaborators,
  document: string,
  { etcdClusterId: clusterId }: Pick<ClusterRecord, "etcdClusterId">,
  members: readonly MemberRecord[],
  asking: AskOptions,
): Promise<MemberAnswer[]> {
  const instances = members.flatMap(({ instanceId }) => (instanceId === null ? [] : [instanceId]));
  const answers = await deps.aws.askHosts(document, instances, asking);
  return members.map(({ member, instanceId, volumeId }) => {
    const answer = answers.find((candidate) => candidate.instanceId === instanceId);
    if (!answer) return silent(member);
    return checkServedData(readMemberReport(member, answer.output), { volumeId, clusterId });
  });
}

/** Writes down which etcd cluster this is, once all members agree; of clusters of before as well. */
export async function learnClusterId(
  deps: Collaborators,
  { name, plan, etcdClusterId }: ClusterRecord,
  answers: readonly MemberAnswer[],
): Promise<void> {
  const agreed = etcdClusterId === undefined ? agreedClusterId(answers, plan.members.length) : undefined;
  if (agreed !== undefined) await deps.store.recordClusterId(name, agreed);
}

/** Asks etcd, evaluates, and records what each member said. */
export async function observeQuorum(
  deps: Collaborators,
  cluster: ClusterRecord,
  document: string,
  asking: AskOptions,
): Promise<QuorumResult & { readonly members: readonly MemberRecord[]; readonly answers: readonly MemberAnswer[] }> {
  const known = settledMembers(await deps.store.listMembers(cluster.name));
  const answers = await askMembers(deps, document, cluster, known, asking);
  await learnClusterId(deps, cluster, answers);
  const result = evaluateQuorum(answers);
  const observedAt = deps.clock.now();
  const members = await Promise.all(
    answers.map(async (answer, index) => {
      const before = known[index];
      const health = answer.healthy ? ("healthy" as const) : ("unhealthy" as const);
      if (before?.health === health && before.observedAt && isRecent(before.observedAt, observedAt)) return before;
      const until = answer.certificatesUntil;
      return deps.store.updateMember(cluster.name, answer.member, {
        health,
        observedAt: observedAt.toISOString(),
        ...(until === undefined ? {} : { certificatesUntil: new Date(until * 1000).toISOString() }),
      });
    }),
  );
  if (result.leader !== cluster.leader) {
    await deps.store.recordObservation(cluster.name, { leader: result.leader }, observedAt);
  }
  return { ...result, members, answers };
}

function isRecent(iso: string, now: Date): boolean {
  return now.getTime() - Date.parse(iso) < 1_000;
}

/**
 * The nodes as Kubernetes knows them, without the masters, asked on one healthy master; undefined if that one did not
 * answer.
 */
export async function observeNodes(
  deps: Collaborators,
  cluster: string,
  { document, master, ...asking }: { document: string; master: string } & AskOptions,
): Promise<NodeView[] | undefined> {
  const [answer] = await deps.aws.askHosts(document, [master], asking);
  return answer?.ok ? nodesOf(deps, cluster, answer) : undefined;
}

/** The nodes of a list, without masters by whatever role. */
export async function nodesOf(deps: Collaborators, cluster: string, { output }: HostAnswer): Promise<NodeView[]> {
  const masters = new Set((await deps.store.listMembers(cluster)).map(({ instanceId }) => instanceId));
  return readNodeList(output).filter((node) => !masters.has(node.instanceId));
}

import { NotReadyYet, OwnershipConflict } from "../domain/errors.ts";
import type { MemberPlan } from "../domain/plan-types.ts";
import type { ClusterRecord, MemberRecord } from "../domain/records.ts";
import { type AskOptions, askHosts, type HostAnswer } from "../gateways/run-command.ts";
import { listMembers } from "../gateways/table/clusters.ts";
import type { Table } from "../gateways/table/keys.ts";

export const planOf = (cluster: ClusterRecord, member: string): MemberPlan => {
  const plan = cluster.plan.members.find(({ name }) => name === member);
  if (!plan) throw new OwnershipConflict(`${cluster.name} has no member ${member}`);
  return plan;
};

export const recordOf = async (table: Table, cluster: string, member: string): Promise<MemberRecord> => {
  const record = (await listMembers(table, cluster)).find((candidate) => candidate.member === member);
  if (!record) throw new OwnershipConflict(`member ${member} of ${cluster} is not on record`);
  return record;
};

/** The instance of a master whose member was healthy when last asked; the first by name, but for `except`. */
export const anyHealthyMaster = async (table: Table, cluster: string, except?: string): Promise<string> => {
  const master = (await listMembers(table, cluster)).find(
    ({ instanceId, health, member }) => instanceId !== null && health === "healthy" && member !== except,
  );
  if (!master?.instanceId) throw new NotReadyYet(`no master of ${cluster} is known to be healthy`);
  return master.instanceId;
};

/** There is no use in asking another master for less. */
const SHORTEST_TRY_MS = 2_500;

/**
 * Runs a document on a healthy master, and where that fails on the next one, which may do better; answers as the last one did.
 * The first run of a step begins with the first by name, later ones anywhere: a host that hangs takes all the time there is.
 */
export const askAnyMaster = async (
  table: Table,
  { cluster, first }: { readonly cluster: string; readonly first: boolean },
  document: string,
  options: AskOptions,
): Promise<HostAnswer | undefined> => {
  const healthy = (await listMembers(table, cluster)).filter(({ health }) => health === "healthy");
  const masters = healthy.flatMap(({ instanceId }) => instanceId ?? []);
  if (masters.length === 0) throw new NotReadyYet(`no master of ${cluster} is known to be healthy`);
  const from = first ? 0 : Math.floor(Math.random() * masters.length);
  return await askInTurn([...masters.slice(from), ...masters.slice(0, from)], options.withinMs, (master, withinMs) =>
    askHosts(document, [master], { ...options, withinMs }),
  );
};

/** The first answer that is no failure, or the last one; none is begun that has not time enough. */
export const askInTurn = async (
  masters: readonly string[],
  withinMs: number,
  ask: (master: string, withinMs: number) => Promise<readonly HostAnswer[]>,
): Promise<HostAnswer | undefined> => {
  const until = Date.now() + withinMs;
  let answer: HostAnswer | undefined;
  for (const master of masters) {
    const left = until - Date.now();
    if (answer && left < SHORTEST_TRY_MS) break;
    answer = (await ask(master, left))[0] ?? answer;
    if (answer?.ok) break;
  }
  return answer;
};

/** Of what a host printed, for people: its end, where errors stand. */
export const endOf = (answer: HostAnswer | undefined): string =>
  answer
    ? `${answer.instanceId} ${answer.status} ${answer.output.trim().slice(-SAID_CHARACTERS)}`.trimEnd()
    : "no master answers";
const SAID_CHARACTERS = 400;

/** Runs a document on one host and answers with its output. Throws NotReadyYet with what it said if it failed. */
export const tell = async (
  document: string,
  instanceId: string,
  parameters: Record<string, string> = {},
): Promise<string> => {
  const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
  const [answer] = await askHosts(document, [instanceId], { withinMs: 20_000, parameters: lists });
  if (answer?.ok) return answer.output;
  throw new NotReadyYet(
    `${document} on ${instanceId}: ${answer?.status ?? "no answer"} ${answer?.output ?? ""}`.trimEnd(),
  );
};

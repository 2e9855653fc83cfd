import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { observeCalls, observeQuorum } from "../../usecases/members/observe.ts";

const calls = { ...observeCalls };

const ENV = { MEMBER_HEALTH_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Every member answers, is healthy, and names the same leader at the same term: asked of etcd, never assumed. */
export async function verifyQuorum(deps: Collaborators, { cluster: name }: StepRequest) {
  const cluster = await deps.store.getCluster(name);
  const { ok, size, healthy, leader, reason } = await observeQuorum(deps, cluster, deps.env.MEMBER_HEALTH_DOCUMENT, {
    withinMs: 8_000,
  });
  // While a migration is open, a member that it makes or takes away does not count.
  const migrating = (await deps.store.listMembers(name)).filter((member) => member.migrating).length;
  if (!ok || healthy < size || size !== cluster.plan.members.length - migrating)
    throw new NotReadyYet(`quorum: ${reason}`);
  return { size, healthy, leader };
}

export const handler = stepHandler("Verify quorum", StepInput, verifyQuorum, collaborators(calls, ENV));

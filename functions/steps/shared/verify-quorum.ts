import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { observeQuorum } from "../../usecases/members/observe.ts";

const env = readEnv({ MEMBER_HEALTH_DOCUMENT: NonEmpty });

/** Every member answers, is healthy, and names the same leader at the same term: asked of etcd, never assumed. */
const verifyQuorum = async ({ cluster: name }: StepInput) => {
  const cluster = await getCluster(table, name);
  const { ok, size, healthy, leader, reason } = await observeQuorum(table, cluster, env.MEMBER_HEALTH_DOCUMENT, 8_000);
  if (!ok || healthy < size || size !== cluster.plan.members.length) throw new NotReadyYet(`quorum: ${reason}`);
  return { size, healthy, leader };
};

export const handler = stepHandler("Verify quorum", table, StepInputSchema, verifyQuorum);

import { NotReadyYet } from "../domain/errors.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";
import { observeQuorum } from "../usecases/observe.ts";

const env = readEnv({ MEMBER_HEALTH_DOCUMENT: NonEmpty });

/** Every member answers, is healthy, and names the same leader at the same term: asked of etcd, never assumed. */
const verifyQuorum = async ({ cluster: name }: StepInput) => {
  const cluster = await getCluster(table, name);
  const { size, healthy, leader } = await pollUntil(
    async () => {
      const quorum = await observeQuorum(table, cluster, env.MEMBER_HEALTH_DOCUMENT, 8_000);
      if (quorum.ok && quorum.healthy === quorum.size && quorum.size === cluster.plan.members.length) return quorum;
      throw new NotReadyYet(`quorum: ${quorum.reason}`);
    },
    { waitingFor: "quorum", withinMs: 25_000, firstMs: 200 },
  );
  return { size, healthy, leader };
};

export const handler = stepHandler("Verify quorum", table, StepInputSchema, verifyQuorum);

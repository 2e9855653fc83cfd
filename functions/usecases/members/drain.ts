import * as z from "zod";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type Asking, chooseMaster, hostCommandCalls } from "./host-command.ts";
import { runHostJob } from "./host-job.ts";

export const drainCalls = { ...hostCommandCalls };

type Collaborators = Deps<typeof drainCalls, { readonly DRAIN_NODE_DOCUMENT: string }>;

/** For how long disruption budgets are respected. */
const WITHIN_SECONDS = 300;
/** The document ends some moments later; a cluster whose API does not answer holds nothing up for longer. */
const LIMIT_MS = (WITHIN_SECONDS + 90) * 1_000;
const ANSWERS_WITHIN_MS = 30_000;

const Outcome = z.object({ found: z.boolean(), left: z.array(z.string()) });

/** What is to be evicted: of a node, or of a master, which cannot do it itself. */
export interface Draining {
  readonly cluster: string;
  /** A node bears the id of its instance. */
  readonly instanceId: string;
  readonly member?: string;
}

/**
 * Cordons a node, and evicts its pods within what their disruption budgets allow, for five minutes. Throws NotReadyYet while
 * that continues. Answers with why pods are left, for people; undefined if none are.
 */
export async function drainNode(
  deps: Collaborators,
  asking: Asking,
  { cluster, instanceId, member }: Draining,
): Promise<string | undefined> {
  const { command, waitsSince } = asking.begun;
  try {
    // Always the same one, so that the job is found again; unless it does not answer.
    const master = await chooseMaster(deps, cluster, { first: true, command }, ANSWERS_WITHIN_MS, member);
    const outcome = await runHostJob(
      deps,
      asking,
      {
        document: deps.env.DRAIN_NODE_DOCUMENT,
        instanceId: master,
        job: `drain-${instanceId}-${asking.operation}`,
        parameters: { node: instanceId, within: String(WITHIN_SECONDS) },
      },
      Outcome,
    );
    if (!outcome.ok) return outcome.reason;
    const { left } = outcome.result;
    return left.length === 0 ? undefined : `pods were not evicted within five minutes: ${left.join(", ")}`;
  } catch (error) {
    const waitedMs = deps.clock.now().getTime() - Date.parse(waitsSince);
    if (!(error instanceof NotReadyYet) || waitedMs < LIMIT_MS) throw error;
    return error.message;
  }
}

import { ulid } from "ulid";
import { sfn } from "../../aws/step-functions/client.ts";
import { startExecution } from "../../aws/step-functions/executions.ts";
import { ClusterBusy } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { decideQuorumLoss, explainQuorumLoss, type LossFacts } from "../../domain/restore/quorum-loss.ts";
import type { QuorumLoss } from "../../domain/restore/restore-records.ts";
import { beginRestoration } from "../../domain/restore/restore-start.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../operations/record-event.ts";

export const restoreSurvivorCalls = { ...recordEventCalls, ...bind(sfn, { startExecution }) };

type Collaborators = Deps<typeof restoreSurvivorCalls>;
type Facts = LossFacts & { readonly cluster: ClusterRecord };

/**
 * Looks whether a majority's volumes are gone, remembers since when, and begins a restore from the survivor where the
 * spec asks for that. True if a restore was begun, or was found begun: no repair is started beside it.
 */
export async function watchQuorum(deps: Collaborators, machine: string, facts: Facts): Promise<boolean> {
  const { cluster } = facts;
  const { restoration } = cluster;
  if (restoration?.automatic && cluster.operation === restoration.operation) {
    // Whoever took the cluster may have died before this; under its name the execution runs once.
    await start(deps, machine, cluster.name, restoration.operation);
    return true;
  }
  const decision = decideQuorumLoss(facts, deps.clock.now().getTime());
  if (decision.kind === "forget") await deps.store.recordQuorumLoss(cluster, null);
  if (decision.kind === "note") await deps.store.recordQuorumLoss(cluster, decision.loss);
  return decision.kind === "restore" && (await begin(deps, machine, facts, decision.loss));
}

async function begin(deps: Collaborators, machine: string, facts: Facts, loss: QuorumLoss): Promise<boolean> {
  const { cluster, members } = facts;
  const { name } = cluster;
  const now = deps.clock.now();
  const operation = `restore-${ulid(now.getTime()).toLowerCase()}`;
  const from = { kind: "survivor", member: null } as const;
  const restoration = { ...beginRestoration({ cluster, operation, from, file: null }, now), automatic: true };
  const reason = "The cluster is being restored from the best of the members' data.";
  try {
    await deps.store.requestRestoration(
      { cluster, operation, restoration, reason, claim: undefined, onlyIfFree: true },
      now,
    );
  } catch (error) {
    if (error instanceof ClusterBusy) return false;
    throw error;
  }
  await deps.store.recordQuorumLoss(cluster, { ...loss, operation });
  const event = { type: "restore-requested", message: explainQuorumLoss(members, loss), member: null, operation };
  await recordEvent(deps, name, { time: now.toISOString(), ...event });
  await publishStatus(deps, { cluster: name, status: "REPAIRING", reason, operation }, now);
  await start(deps, machine, name, operation);
  return true;
}

function start(deps: Collaborators, machine: string, cluster: string, operation: string) {
  return deps.aws.startExecution(machine, operation, { cluster, operation });
}

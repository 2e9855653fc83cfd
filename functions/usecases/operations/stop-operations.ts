import { sfn } from "../../aws/step-functions/client.ts";
import { stopExecution } from "../../aws/step-functions/executions.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { OperationRecord } from "../../domain/cluster/records.ts";
import { mayStillAct } from "../../domain/cluster/takeover.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import type { StepRequest } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";

export const stopOperationsCalls = { ...bind(sfn, { stopExecution }) };

/** Earlier operations cannot be running: only one operation holds a cluster at a time. */
const LATEST = 10;

/**
 * Stops what is running on the cluster. Whoever asks has taken its lease, so its next step is refused. A running step is
 * waited for: what it creates must be seen. `machines` are the ARNs of the flows that work on clusters.
 */
export async function stopFormerOperations(
  deps: Deps<typeof stopOperationsCalls>,
  machines: readonly string[],
  { cluster, operation }: StepRequest,
): Promise<void> {
  const others = (await deps.store.listOperations(cluster, LATEST)).filter(({ id }) => id !== operation);
  const overruled = others.filter(({ status, error }) => status === "RUNNING" || error?.name === "LeaseLost");
  await Promise.all(
    overruled.flatMap(({ id }) => machines.map((arn) => deps.aws.stopExecution(arn, id, `overruled by ${operation}`))),
  );
  await untilEnded(deps, overruled);
}

/** Ends backups and drills of a cluster: what a drill launches must be deleted, too. */
export async function stopSideOperations(deps: Deps, { cluster, operation }: StepRequest): Promise<void> {
  const ended = await deps.store.endSideOperations(cluster, operation, deps.clock.now());
  await untilEnded(deps, await Promise.all(ended.map((id) => deps.store.getOperation(id))));
}

async function untilEnded(deps: Deps, operations: readonly OperationRecord[]): Promise<void> {
  await pollUntil(
    deps.clock,
    async () => {
      for (const other of operations) {
        const inFlight = await deps.store.stepsInFlight(other.id);
        if (mayStillAct(other, inFlight, deps.clock.now())) {
          throw new NotReadyYet(`${other.id} has not ended yet: ${inFlight.join(", ")}`);
        }
      }
      return true;
    },
    { waitingFor: "operations to end" },
  );
}

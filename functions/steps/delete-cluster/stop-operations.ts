import { sfn } from "../../aws/step-functions/client.ts";
import { stopExecution } from "../../aws/step-functions/executions.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { mayStillAct } from "../../domain/cluster/takeover.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import type { EnvOf } from "../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { system } from "../../runtime/system.ts";

const calls = { ...bind(sfn, { stopExecution }) };

/** ARNs of the flows that work on clusters, with commas between. */
const ENV = { STATE_MACHINES: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Earlier operations cannot be running: only one operation holds a cluster at a time. */
const LATEST = 10;

/**
 * Stops what is running on the cluster. The deletion has taken its lease, so its next step is refused. A running step
 * is waited for, since what it creates must be deleted too.
 */
export async function stopOperations(deps: Collaborators, { cluster, operation }: StepRequest): Promise<void> {
  const others = (await deps.store.listOperations(cluster, LATEST)).filter(({ id }) => id !== operation);
  const overruled = others.filter(({ status, error }) => status === "RUNNING" || error?.name === "LeaseLost");
  const machines = deps.env.STATE_MACHINES.split(",");
  await Promise.all(
    overruled.flatMap(({ id }) => machines.map((arn) => deps.aws.stopExecution(arn, id, `overruled by ${operation}`))),
  );
  await pollUntil(
    deps.clock,
    async () => {
      for (const other of overruled) {
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

export const handler = stepHandler("Stop operations", StepInput, stopOperations, () => ({
  ...system,
  aws: calls,
  env: readEnv(ENV),
}));

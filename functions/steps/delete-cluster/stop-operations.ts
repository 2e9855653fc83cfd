import { stopExecution } from "../../aws/step-functions/executions.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { mayStillAct } from "../../domain/cluster/takeover.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { table } from "../../runtime/table.ts";
import { listOperations } from "../../store/clusters.ts";
import { stepsInFlight } from "../../store/steps.ts";

/** ARNs of the flows that work on clusters, with commas between. */
const env = readEnv({ STATE_MACHINES: NonEmpty });

/** Further back nobody can be at work any more: only one operation holds a cluster at a time. */
const LATEST = 10;

/**
 * Ends what was running on the cluster. Its lease was taken when the deletion was accepted, so its next step is refused; a step
 * that had begun is waited for, since what it makes in the meantime must be removed too.
 */
const stopOperations = async ({ cluster, operation }: StepInput): Promise<void> => {
  const others = (await listOperations(table, cluster, LATEST)).filter(({ id }) => id !== operation);
  const overruled = others.filter(({ status, error }) => status === "RUNNING" || error?.name === "LeaseLost");
  const machines = env.STATE_MACHINES.split(",");
  await Promise.all(
    overruled.flatMap(({ id }) => machines.map((arn) => stopExecution(arn, id, `overruled by ${operation}`))),
  );
  await pollUntil(
    async () => {
      for (const other of overruled) {
        const inFlight = await stepsInFlight(table, other.id);
        if (mayStillAct(other, inFlight, new Date())) {
          throw new NotReadyYet(`${other.id} has not ended yet: ${inFlight.join(", ")}`);
        }
      }
      return true;
    },
    { waitingFor: "operations to end" },
  );
};

export const handler = stepHandler("Stop operations", table, StepInputSchema, stopOperations);

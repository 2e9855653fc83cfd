import { NotReadyYet } from "../domain/errors.ts";
import type { Begun } from "../domain/records.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { askAnyMaster, endOf } from "../usecases/members.ts";

const env = readEnv({ FINISH_CONTROL_PLANE_DOCUMENT: NonEmpty });

/** kubeadm waits for the API server for up to a minute; what takes longer is asked for again, and goes on where it is. */
const WITHIN_MS = 40_000;

/** A master makes what is there once a cluster. Done again it changes nothing, whatever users have changed since. */
const finishControlPlane = async ({ cluster }: StepInput, { first }: Begun): Promise<void> => {
  const answer = await askAnyMaster(table, { cluster, first }, env.FINISH_CONTROL_PLANE_DOCUMENT, {
    withinMs: WITHIN_MS,
    firstLookMs: 1_000,
  });
  if (!answer?.ok) throw new NotReadyYet(`the control plane is not finished: ${endOf(answer)}`);
};

export const handler = stepHandler("Finish control plane", table, StepInputSchema, finishControlPlane);

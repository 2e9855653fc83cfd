import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { askMaster } from "../../usecases/members/host-command.ts";
import { endOf } from "../../usecases/members/members.ts";

const STEP = "Finish control plane";
const env = readEnv({ FINISH_CONTROL_PLANE_DOCUMENT: NonEmpty });

/** Systems Manager ends the document after two minutes. */
const ANSWERS_WITHIN_MS = 130_000;

/** A master makes what is there once a cluster. Done again it changes nothing, whatever users have changed since. */
const finishControlPlane = async ({ cluster, operation }: StepInput, begun: Begun): Promise<void> => {
  const asking = { operation, step: STEP, member: null, begun };
  const document = env.FINISH_CONTROL_PLANE_DOCUMENT;
  const question = { document, firstLookMs: 1_000, answersWithinMs: ANSWERS_WITHIN_MS };
  const answer = await askMaster(table, asking, cluster, question);
  if (!answer.ok) throw new NotReadyYet(`the control plane is not finished: ${endOf(answer)}`);
};

export const handler = stepHandler(STEP, table, StepInputSchema, finishControlPlane);

import { addOnsFor, installList } from "../domain/add-ons.ts";
import { NotReadyYet } from "../domain/errors.ts";
import { HELM } from "../domain/versions.ts";
import { askHosts } from "../gateways/run-command.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { anyHealthyMaster } from "../usecases/members.ts";

const env = readEnv({ INSTALL_ADD_ONS_DOCUMENT: NonEmpty });

/** Charts are fetched and rendered on the host; what takes longer is asked for again, and goes on where it is. */
const WITHIN_MS = 40_000;

/** Of what the host printed, for people: its end, where errors stand. */
const SAID_CHARACTERS = 400;

/** A master gives the API server the network of pods, the cloud controller and the driver for volumes. */
const installAddOns = async ({ cluster: name }: StepInput): Promise<void> => {
  const [{ spec, uid }, master] = await Promise.all([getCluster(table, name), anyHealthyMaster(table, name)]);
  const [answer] = await askHosts(env.INSTALL_ADD_ONS_DOCUMENT, [master], {
    withinMs: WITHIN_MS,
    firstLookMs: 2_500,
    everyMs: 1_000,
    parameters: {
      addOns: [installList(addOnsFor({ cluster: name, uid, spec }))],
      helmVersion: [HELM.version],
      helmAmd64: [HELM.sha256.amd64],
      helmArm64: [HELM.sha256.arm64],
    },
  });
  if (answer?.ok) return;
  const said = answer?.output.trim().slice(-SAID_CHARACTERS) ?? "";
  throw new NotReadyYet(`${master} has not installed the add-ons: ${answer?.status ?? "no answer"} ${said}`.trimEnd());
};

export const handler = stepHandler("Install add-ons", table, StepInputSchema, installAddOns);

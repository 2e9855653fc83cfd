import { addOnsFor, installList } from "../domain/add-ons.ts";
import { NotReadyYet } from "../domain/errors.ts";
import { helmOf, versionsOf } from "../domain/pinned-versions.ts";
import type { Begun } from "../domain/records.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { askAnyMaster, endOf } from "../usecases/members.ts";

const env = readEnv({ INSTALL_ADD_ONS_DOCUMENT: NonEmpty });

/** Charts are fetched and rendered on the host; what takes longer is asked for again, and goes on where it is. */
const WITHIN_MS = 40_000;

/** A master gives the API server the network of pods, the cloud controller and the driver for volumes. */
const installAddOns = async ({ cluster: name }: StepInput, { first }: Begun): Promise<void> => {
  const cluster = await getCluster(table, name);
  const { spec, uid } = cluster;
  const versions = versionsOf(cluster);
  const helm = helmOf(versions);
  const answer = await askAnyMaster(table, { cluster: name, first }, env.INSTALL_ADD_ONS_DOCUMENT, {
    withinMs: WITHIN_MS,
    firstLookMs: 2_500,
    everyMs: 1_000,
    parameters: {
      addOns: [installList(addOnsFor({ cluster: name, uid, spec, versions }))],
      helmVersion: [helm.version],
      helmAmd64: [helm.sha256.amd64],
      helmArm64: [helm.sha256.arm64],
    },
  });
  if (!answer?.ok) throw new NotReadyYet(`the add-ons are not installed: ${endOf(answer)}`);
};

export const handler = stepHandler("Install add-ons", table, StepInputSchema, installAddOns);

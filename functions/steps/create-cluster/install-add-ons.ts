import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { addOnsFor } from "../../domain/releases/add-ons.ts";
import { installList } from "../../domain/releases/install-list.ts";
import { helmOf, versionsOf } from "../../domain/releases/pinned-versions.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { askMaster, hostCommandCalls } from "../../usecases/members/host-command.ts";
import { endOf } from "../../usecases/members/members.ts";

const calls = { ...hostCommandCalls };

const STEP = "Install add-ons";
const ENV = { INSTALL_ADD_ONS_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Charts are fetched and rendered on the host; after that time another master is asked, which changes nothing if both
 * continue.
 */
const ANSWERS_WITHIN_MS = 120_000;

/** A master gives the API server the network of pods, the cloud controller and the driver for volumes. */
export async function installAddOns(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const { spec, uid } = cluster;
  const versions = versionsOf(cluster);
  const helm = helmOf(versions);
  const answer = await askMaster(deps, { operation, step: STEP, member: null, begun }, name, {
    document: deps.env.INSTALL_ADD_ONS_DOCUMENT,
    firstLookMs: 2_500,
    answersWithinMs: ANSWERS_WITHIN_MS,
    parameters: {
      addOns: [installList(addOnsFor({ cluster: name, uid, spec, versions }))],
      helmVersion: [helm.version],
      helmAmd64: [helm.sha256.amd64],
      helmArm64: [helm.sha256.arm64],
    },
  });
  if (!answer.ok) throw new NotReadyYet(`the add-ons are not installed: ${endOf(answer)}`);
}

export const handler = stepHandler(STEP, StepInput, installAddOns, collaborators(calls, ENV));

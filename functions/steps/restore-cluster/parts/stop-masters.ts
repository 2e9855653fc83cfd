import * as z from "zod";
import { MemberName } from "../../../domain/spec/value-schemas.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...restoreHostsCalls };

const ENV = { STOP_CONTROL_PLANE_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = StepInput.extend({ members: z.array(MemberName) });

/**
 * Asks all masters to stop etcd and the control plane. Whether they have is for the next assessment to read: nothing is
 * restored before that.
 */
export async function stopMasters(deps: Collaborators, { cluster: name }: z.output<typeof Input>): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const masters = await liveMasters(deps, cluster);
  await askMasters(deps, deps.env.STOP_CONTROL_PLANE_DOCUMENT, masters, { token: restoration.token });
}

export const handler = stepHandler("Stop masters", Input, stopMasters, collaborators(calls, ENV));

import * as z from "zod";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { TAG } from "../../../domain/cluster/naming.ts";
import { MemberName } from "../../../domain/spec/value-schemas.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...restoreHostsCalls };

const ENV = { START_CONTROL_PLANE_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = StepInput.extend({
  members: z.array(MemberName),
  what: z.enum(["etcd", "api-server", "controllers"]),
});

/**
 * Starts etcd on these masters, or their API servers, or controllers and kubelets. Throws NotReadyYet until the API
 * server is ready; etcd is looked at by the next assessment.
 */
export async function startMasters(deps: Collaborators, input: z.output<typeof Input>): Promise<void> {
  const { cluster: name, members, what } = input;
  const { cluster, restoration } = await readRestoration(deps, name);
  const recorded = new Set((await deps.store.listMembers(name)).map(({ instanceId }) => instanceId));
  const named = (await liveMasters(deps, cluster)).filter(
    ({ tags, instanceId }) => members.includes(tags[TAG.member] ?? "") && recorded.has(instanceId),
  );
  const document = deps.env.START_CONTROL_PLANE_DOCUMENT;
  const asked = await askMasters(deps, document, named, { token: restoration.token, what });
  const waiting = asked.filter(({ report }) => report?.ready !== true).map(({ member }) => member);
  if (what !== "etcd" && (waiting.length > 0 || asked.length < members.length))
    throw new NotReadyYet(`the API server of master ${waiting.join(", ")} is not ready yet`);
}

export const handler = stepHandler("Start masters", Input, startMasters, collaborators(calls, ENV));

import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { askMembers, observeCalls } from "../members/observe.ts";

export const requireHealthyCalls = { ...observeCalls };

type Collaborators = Deps<typeof observeCalls, { readonly MEMBER_HEALTH_DOCUMENT: string }>;

const LOOK_MS = 8_000;

/** Throws NotReadyYet unless each of these commits a read, just now: nobody else leaves before. */
export async function requireHealthy(
  deps: Collaborators,
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
  { apiServer = false } = {},
): Promise<void> {
  const answers = await askMembers(deps, deps.env.MEMBER_HEALTH_DOCUMENT, cluster, members, { withinMs: LOOK_MS });
  const missing = answers.filter((answer) => !answer.healthy || (apiServer && answer.apiServer !== true));
  const what = apiServer ? "does not serve the API yet" : "is not healthy";
  if (missing.length > 0)
    throw new NotReadyYet(`${missing.map(({ member }) => `master ${member}`).join(", ")} ${what}`);
}

import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { MemberRecord } from "../../domain/cluster/records.ts";
import { readMemberList } from "../../domain/repair/member-list.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type Asking, hostCommandCalls, runDocument } from "./host-command.ts";

export const membershipCalls = { ...hostCommandCalls };

type Collaborators = Deps<typeof membershipCalls>;

/** No member of etcd has this id. */
const NOBODY = "0";

/**
 * etcd's id, in hexadecimal, of the member at this peer URL, as a healthy master's etcd lists it: whom to take out. Throws NotReadyYet if etcd
 * lists nobody there.
 */
export async function formerIdOf(
  deps: Collaborators,
  asking: Asking,
  { document, helper, peerUrl }: { readonly document: string; readonly helper: string; readonly peerUrl: string },
  { damage }: MemberRecord,
): Promise<string> {
  const listed = readMemberList(await runDocument(deps, asking, helper, document));
  const former = listed.find((candidate) => candidate.peerUrl === peerUrl);
  // One whose learner was given up is in no list any more; then there is nobody to take out.
  if (!former && damage?.retryAt === undefined) throw new NotReadyYet(`etcd lists no member at ${peerUrl}`);
  return former?.id ?? NOBODY;
}

import { NotReadyYet } from "../domain/errors.ts";
import { readMemberList } from "../domain/member-list.ts";
import type { MemberRecord } from "../domain/records.ts";
import { tell } from "./members.ts";

/** No member of etcd has this id. */
const NOBODY = "0";

/**
 * etcd's id, in hexadecimal, of the member at this peer URL, as a healthy master's etcd lists it: whom to take out. Throws NotReadyYet if etcd
 * lists nobody there.
 */
export const formerIdOf = async (
  listDocument: string,
  helper: string,
  { damage }: MemberRecord,
  peerUrl: string,
): Promise<string> => {
  const listed = readMemberList(await tell(listDocument, helper));
  const former = listed.find((candidate) => candidate.peerUrl === peerUrl);
  // One whose learner was given up is in no list any more; then there is nobody to take out.
  if (!former && damage?.retryAt === undefined) throw new NotReadyYet(`etcd lists no member at ${peerUrl}`);
  return former?.id ?? NOBODY;
};

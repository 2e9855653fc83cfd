import type { MemberRecord } from "../cluster/records.ts";

/** Those that are members of etcd as any other: not those that a migration makes, or takes away. */
export function settledMembers(members: readonly MemberRecord[]): MemberRecord[] {
  return members.filter(({ migrating }) => !migrating);
}

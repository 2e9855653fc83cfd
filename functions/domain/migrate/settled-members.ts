import type { ClusterRecord, MemberRecord } from "../cluster/records.ts";

/** Those that are members of etcd as any other: not those that a migration makes, or takes away. */
export function settledMembers(members: readonly MemberRecord[]): MemberRecord[] {
  return members.filter(({ migrating }) => !migrating);
}

/** Whether repairs look after a member: it is a slot of the cluster, and no migration brings it or takes it away. */
export function isSettled(
  member: string,
  { plan }: Pick<ClusterRecord, "plan">,
  members: readonly Pick<MemberRecord, "member" | "migrating">[],
): boolean {
  return (
    plan.members.some(({ name }) => name === member) &&
    !members.some((each) => each.member === member && Boolean(each.migrating))
  );
}

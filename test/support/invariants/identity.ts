import type { Seen, Violation } from "./observations.ts";

const LIVE = new Set(["pending", "running"]);

/** S: one live host a member, one attachment a volume, one etcd a member id. */
export function checkIdentity({ cloud, etcd }: Pick<Seen, "cloud" | "etcd">): Violation[] {
  return [
    ...cloud.flatMap(({ at, masters }) =>
      [
        ...Map.groupBy(
          masters.filter(({ state }) => LIVE.has(state)),
          ({ member }) => member,
        ),
      ]
        .filter(([, instances]) => instances.length > 1)
        .map(([member, instances]): Violation => {
          const ids = instances.map(({ instanceId }) => instanceId).join(" and ");
          return { invariant: "S", at, what: `${ids} both live as master ${member}` };
        }),
    ),
    ...cloud.flatMap(({ at, volumes }) =>
      volumes
        .filter(({ attachedTo }) => attachedTo.length > 1)
        .map(({ volumeId, attachedTo }): Violation => {
          return { invariant: "S", at, what: `${volumeId} is attached to ${attachedTo.join(" and ")}` };
        }),
    ),
    ...etcd.flatMap(({ from, members }) =>
      [
        ...Map.groupBy(
          members.filter(({ memberId }) => memberId !== null),
          ({ memberId }) => memberId,
        ),
      ]
        .filter(([, twins]) => twins.length > 1)
        .map(([id, twins]): Violation => {
          const names = twins.map(({ member }) => member).join(" and ");
          return { invariant: "S", at: from, what: `${names} both answer as etcd member ${id}` };
        }),
    ),
  ];
}

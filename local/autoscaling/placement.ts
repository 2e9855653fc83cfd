import { counted, type Group, type Member } from "./model.ts";

export interface Placement {
  readonly zone: string;
  readonly subnetId: string | undefined;
}

/**
 * Where the next instance goes: the zone (or subnet) with the fewest members and launches under way. After failures the
 * places take turns, so that a group that cannot launch in its emptiest zone tries the others.
 */
export function choosePlacement(group: Group, underWay: readonly Placement[]): Placement {
  const places: Placement[] =
    group.subnets.length > 0
      ? group.subnets.map((subnetId, index) => ({ subnetId, zone: group.zones[index] ?? "" }))
      : group.zones.map((zone) => ({ zone, subnetId: undefined }));
  const taken = [...counted(group), ...underWay];
  const load = (place: Placement) =>
    taken.filter((each) => (place.subnetId ? each.subnetId === place.subnetId : each.zone === place.zone)).length;
  const turn = group.failedLaunches % places.length;
  const inTurn = [...places.slice(turn), ...places.slice(0, turn)];
  const [chosen] = group.failedLaunches > 0 ? inTurn : inTurn.toSorted((a, b) => load(a) - load(b));
  // A copy, because launches under way are compared by identity.
  return { zone: "", subnetId: undefined, ...chosen };
}

/** Who goes first when a group shrinks: unprotected, from the fullest zone, on the oldest launch template, then the oldest. */
export function chooseVictim(group: Group): Member | undefined {
  const members = counted(group);
  const inZone = (zone: string) => members.filter((member) => member.zone === zone).length;
  return members
    .filter((member) => !member.protectedFromScaleIn)
    .toSorted(
      (a, b) =>
        inZone(b.zone) - inZone(a.zone) ||
        Number(isCurrent(group, a)) - Number(isCurrent(group, b)) ||
        a.launchedAt - b.launchedAt,
    )[0];
}

function isCurrent(group: Group, member: Member): boolean {
  const { id, version } = group.launchTemplate;
  return member.launchTemplate.id === id && member.launchTemplate.version === version;
}

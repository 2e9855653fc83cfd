import { FleetExists, FleetUnknown, NotReadyYet, RolloutUnknown } from "../../../functions/domain/cluster/errors.ts";
import type { FleetRecord } from "../../../functions/domain/fleet/fleet-records.ts";
import type { RolloutRecord } from "../../../functions/domain/fleet/rollout-records.ts";
import type { TrafficRecord } from "../../../functions/domain/traffic/traffic-records.ts";
import type { FleetStore } from "../../../functions/store/fleet-store.ts";
import { type OpenRollouts, withRollout } from "../../../functions/store/rollouts.ts";

/** What the table holds of fleets, in maps, under the same conditions. */
export class MemoryFleetStore implements FleetStore {
  readonly fleets = new Map<string, FleetRecord>();
  readonly rollouts = new Map<string, RolloutRecord>();
  readonly claims = new Map<string, string>();
  readonly traffic = new Map<string, TrafficRecord>();
  registry: OpenRollouts = { version: 0, open: {} };

  readonly getFleet: FleetStore["getFleet"] = async (name) => {
    const found = this.fleets.get(name);
    if (!found) throw new FleetUnknown(`there is no fleet ${name}`);
    return found;
  };
  readonly listFleets = async () => [...this.fleets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  readonly writeFleet: FleetStore["writeFleet"] = async (fleet, former) => {
    const known = this.fleets.get(fleet.name);
    if (!former && known) throw new FleetExists(`fleet ${fleet.name} exists already`);
    if (former && JSON.stringify(known) !== JSON.stringify(former)) throw new NotReadyYet("changed");
    this.fleets.set(fleet.name, fleet);
  };
  readonly deleteFleet: FleetStore["deleteFleet"] = async (name) => {
    this.fleets.delete(name);
  };
  readonly findTraffic: FleetStore["findTraffic"] = async (fleet) => this.traffic.get(fleet);
  readonly readOpenRollouts = async () => this.registry;
  readonly getRollout: FleetStore["getRollout"] = async (id) => {
    const found = this.rollouts.get(id);
    if (!found) throw new RolloutUnknown(`there is no roll-out ${id}`);
    return found;
  };
  readonly listRollouts: FleetStore["listRollouts"] = async (fleet) =>
    [...this.rollouts.values()].filter((each) => each.fleet === fleet).toSorted((a, b) => (a.id < b.id ? 1 : -1));
  readonly findClaim: FleetStore["findClaim"] = async ({ key }) => this.claims.get(key);
  readonly writeRollout: FleetStore["writeRollout"] = async (rollout, former, claim) => {
    const known = this.rollouts.get(rollout.id);
    if (known?.version !== former?.version) throw new NotReadyYet("changed");
    this.registry = withRollout(this.registry, rollout);
    this.rollouts.set(rollout.id, rollout);
    if (claim) this.claims.set(claim.key, rollout.id);
  };
}

import { bind } from "../runtime/bind.ts";
import { findClaim } from "./claims.ts";
import { deleteFleet, getFleet, listFleets, writeFleet } from "./fleets.ts";
import type { Table } from "./keys.ts";
import { getRollout, listRollouts, readOpenRollouts, writeRollout } from "./rollouts.ts";
import { findTraffic } from "./traffic.ts";

/** What is remembered of fleets and their roll-outs. */
export function openFleetStore(table: Table) {
  return bind(table, {
    deleteFleet,
    findClaim,
    findTraffic,
    getFleet,
    getRollout,
    listFleets,
    listRollouts,
    readOpenRollouts,
    writeFleet,
    writeRollout,
  });
}

export type FleetStore = ReturnType<typeof openFleetStore>;

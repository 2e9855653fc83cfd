import { bind } from "../runtime/bind.ts";
import { findClaim } from "./claims.ts";
import {
  addEvent,
  findCluster,
  getCluster,
  listEvents,
  listMembers,
  listOperations,
  markDegraded,
  recordClusterId,
  recordDrift,
  recordObservation,
  rememberInstance,
  updateCluster,
  updateMember,
} from "./clusters.ts";
import { forgetCluster } from "./deletion.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { readHeartbeats } from "./heartbeats.ts";
import type { Table } from "./keys.ts";
import { claimNodeKey } from "./node-keys.ts";
import { finishOperation, getOperation, refuseWhileHeld, takeCluster } from "./operations.ts";
import { changePolicy } from "./policy.ts";
import { readOrphans, writeOrphans } from "./reconcile.ts";
import { rememberCommand, stepsInFlight } from "./steps.ts";
import { namesOfUid } from "./uids.ts";

/** What steps and use-cases know and remember: the functions of this folder that they use, with their tables. */
export const openStore = (table: Table, heartbeats: Heartbeats) => ({
  ...bind(table, {
    addEvent,
    changePolicy,
    claimNodeKey,
    findClaim,
    findCluster,
    finishOperation,
    forgetCluster,
    getCluster,
    getOperation,
    listEvents,
    listMembers,
    listOperations,
    markDegraded,
    namesOfUid,
    readOrphans,
    recordClusterId,
    recordDrift,
    recordObservation,
    refuseWhileHeld,
    rememberCommand,
    rememberInstance,
    stepsInFlight,
    takeCluster,
    updateCluster,
    updateMember,
    writeOrphans,
  }),
  ...bind(heartbeats, { readHeartbeats }),
});

export type Store = ReturnType<typeof openStore>;

import { bind } from "../runtime/bind.ts";
import { findClaim } from "./claims.ts";
import {
  findCluster,
  getCluster,
  markDegraded,
  recordClusterId,
  recordDrift,
  recordObservation,
  updateCluster,
} from "./clusters.ts";
import { forgetCluster } from "./deletion.ts";
import { addEvent, listEvents } from "./events.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { readHeartbeats } from "./heartbeats.ts";
import type { Table } from "./keys.ts";
import { listMembers, rememberInstance, updateMember } from "./members.ts";
import { claimNodeKey } from "./node-keys.ts";
import { getOperation, listOperations } from "./operation-records.ts";
import { finishOperation, refuseWhileHeld, takeCluster } from "./operations.ts";
import { changePolicy } from "./policy.ts";
import { readOrphans, writeOrphans } from "./reconcile.ts";
import { rememberCommand, stepsInFlight } from "./steps.ts";
import { namesOfUid } from "./uids.ts";

/** What steps and use-cases know and remember: the functions of this folder that they use, with their tables. */
export function openStore(table: Table, heartbeats: Heartbeats) {
  return {
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
  };
}

export type Store = ReturnType<typeof openStore>;

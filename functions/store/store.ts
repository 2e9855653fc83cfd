import { bind } from "../runtime/bind.ts";
import {
  findBackup,
  forgetBackup,
  getBackup,
  listBackups,
  markBackupRemoved,
  pinBackup,
  recordBackup,
  recordBackupFacts,
  recordDrill,
} from "./backups.ts";
import { findClaim } from "./claims.ts";
import {
  findCluster,
  getCluster,
  markDegraded,
  recordClusterId,
  recordDrift,
  recordObservation,
  recordQuorumLoss,
  updateCluster,
} from "./clusters.ts";
import { forgetCluster } from "./deletion.ts";
import { addEvent, listEvents } from "./events.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { readHeartbeats } from "./heartbeats.ts";
import type { Table } from "./keys.ts";
import { forgetMember, listMembers, rememberInstance, updateMember } from "./members.ts";
import { claimNodeKey } from "./node-keys.ts";
import { getOperation, listOperations } from "./operation-records.ts";
import { finishOperation, refuseWhileHeld, takeCluster } from "./operations.ts";
import { changePolicy, recordSpec } from "./policy.ts";
import { readOrphans, writeOrphans } from "./reconcile.ts";
import { requestRestoration } from "./restoration.ts";
import { beginSideOperation, endSideOperation, endSideOperations, findSideNote, noteSide } from "./side-operations.ts";
import { rememberCommand, renewLease, stepsInFlight } from "./steps.ts";
import { takerOfUid } from "./takeovers.ts";
import { deleteTraffic, findTraffic, listTraffic, writeTraffic } from "./traffic.ts";
import { namesOfUid } from "./uids.ts";

const TRAFFIC = { deleteTraffic, findTraffic, listTraffic, writeTraffic };

/** What steps and use-cases know and remember: the functions of this folder that they use, with their tables. */
export function openStore(table: Table, heartbeats: Heartbeats) {
  return {
    ...bind(table, {
      addEvent,
      beginSideOperation,
      changePolicy,
      claimNodeKey,
      endSideOperation,
      endSideOperations,
      findBackup,
      findClaim,
      findCluster,
      findSideNote,
      finishOperation,
      forgetBackup,
      forgetCluster,
      forgetMember,
      getBackup,
      getCluster,
      getOperation,
      listBackups,
      listEvents,
      listMembers,
      listOperations,
      markBackupRemoved,
      markDegraded,
      namesOfUid,
      noteSide,
      pinBackup,
      readOrphans,
      recordBackup,
      recordBackupFacts,
      recordClusterId,
      recordDrift,
      recordDrill,
      recordObservation,
      recordQuorumLoss,
      recordSpec,
      refuseWhileHeld,
      rememberCommand,
      rememberInstance,
      renewLease,
      requestRestoration,
      stepsInFlight,
      takeCluster,
      takerOfUid,
      updateCluster,
      updateMember,
      writeOrphans,
    }),
    ...bind(table, TRAFFIC),
    ...bind(heartbeats, { readHeartbeats }),
  };
}

export type Store = ReturnType<typeof openStore>;

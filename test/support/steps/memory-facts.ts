import type { EventView } from "../../../functions/domain/api/views.ts";
import type { BackupRecord } from "../../../functions/domain/backup/backup-records.ts";
import { BackupUnknown, NotReadyYet } from "../../../functions/domain/cluster/errors.ts";
import type { SentCommand } from "../../../functions/domain/cluster/records.ts";
import type { OrphanRecord } from "../../../functions/domain/deletion/orphans.ts";
import type { TrafficRecord } from "../../../functions/domain/traffic/traffic-records.ts";
import { eventId } from "../../../functions/store/events.ts";
import type { Store } from "../../../functions/store/store.ts";

type Heartbeats = Awaited<ReturnType<Store["readHeartbeats"]>>;

/** What the table holds beside records of clusters, members and operations. */
export class MemoryFacts {
  readonly events = new Map<string, EventView>();
  readonly nodeKeys = new Map<string, string>();
  readonly claims = new Map<string, string>();
  readonly instances = new Map<string, { cluster: string; member: string }>();
  readonly commands = new Map<string, SentCommand>();
  readonly inFlight = new Map<string, string[]>();
  readonly notes = new Map<string, unknown>();
  /** By cluster and id. */
  readonly backups = new Map<string, BackupRecord>();
  /** By fleet. */
  readonly traffic = new Map<string, TrafficRecord>();
  heartbeats: Heartbeats = [];
  orphans: OrphanRecord = { seen: {}, reportedOn: null };

  readonly addEvent: Store["addEvent"] = async (cluster, event, id = eventId(event)) => {
    const key = `${cluster} ${id}`;
    if (this.events.has(key)) return false;
    this.events.set(key, event);
    return true;
  };
  readonly listEvents: Store["listEvents"] = async (cluster) =>
    [...this.events].filter(([key]) => key.startsWith(`${cluster} `)).map(([, event]) => event);

  readonly findTraffic: Store["findTraffic"] = async (fleet) => this.traffic.get(fleet);
  readonly listTraffic: Store["listTraffic"] = async () => [...this.traffic.values()];
  readonly writeTraffic: Store["writeTraffic"] = async (traffic, former) => {
    this.#requireTraffic(traffic.fleet, former);
    this.traffic.set(traffic.fleet, structuredClone(traffic));
  };
  readonly deleteTraffic: Store["deleteTraffic"] = async (former) => {
    this.#requireTraffic(former.fleet, former);
    this.traffic.delete(former.fleet);
  };
  #requireTraffic(fleet: string, former: TrafficRecord | undefined): void {
    const isSame = JSON.stringify(this.traffic.get(fleet)) === JSON.stringify(former);
    if (!isSame) throw new NotReadyYet(`the public name of fleet ${fleet} was changed at the same moment`);
  }

  readonly findClaim: Store["findClaim"] = async ({ key }) => this.claims.get(key);
  readonly claimNodeKey: Store["claimNodeKey"] = async ({ uid, instanceId, keyHash }) => {
    const key = `${uid} ${instanceId}`;
    const known = this.nodeKeys.get(key) ?? keyHash;
    this.nodeKeys.set(key, known);
    return known === keyHash;
  };
  readonly readHeartbeats: Store["readHeartbeats"] = async (members) =>
    this.heartbeats.filter(({ instanceId }) => members.some((each) => each.instanceId === instanceId));
  readonly readOrphans = async () => this.orphans;
  readonly writeOrphans = async (record: OrphanRecord) => {
    this.orphans = record;
  };

  readonly rememberInstance: Store["rememberInstance"] = async (instanceId, of) => {
    this.instances.set(instanceId, of);
  };
  readonly stepsInFlight = async (operation: string) => this.inFlight.get(operation) ?? [];
  readonly rememberCommand: Store["rememberCommand"] = async ({ operation, step, member }, command) => {
    const key = `${operation} ${step} ${member ?? ""}`;
    if (command === null) this.commands.delete(key);
    else this.commands.set(key, command);
  };
  readonly noteSide = async (operation: string, note: object) => {
    this.notes.set(operation, JSON.parse(JSON.stringify(note)));
  };
  readonly findSideNote = async (operation: string) => this.notes.get(operation);

  readonly listBackups: Store["listBackups"] = async (cluster) =>
    [...this.backups.values()]
      .filter(({ manifest }) => manifest.cluster === cluster)
      .toSorted((a, b) => (a.manifest.id < b.manifest.id ? 1 : -1));
  readonly findBackup: Store["findBackup"] = async (cluster, id) => this.backups.get(`${cluster} ${id}`);
  readonly getBackup: Store["getBackup"] = async (cluster, id) => {
    const found = this.backups.get(`${cluster} ${id}`);
    if (!found) throw new BackupUnknown(`${cluster} has no backup ${id}`);
    return found;
  };
  readonly markBackupRemoved: Store["markBackupRemoved"] = async (cluster, id) => {
    const record = this.backups.get(`${cluster} ${id}`);
    if (!record || record.pinned) return false;
    this.backups.set(`${cluster} ${id}`, { ...record, removing: true });
    return true;
  };
  readonly forgetBackup: Store["forgetBackup"] = async (cluster, id) => {
    this.backups.delete(`${cluster} ${id}`);
  };

  /** Types of the events that were recorded, in order. */
  eventTypes(): string[] {
    return [...this.events.values()].map(({ type }) => type);
  }
}

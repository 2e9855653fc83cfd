import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../../wire/contract.ts";
import { type Engine, publishVolumeEvent } from "../engine/engine.ts";
import { invalidParameter, invalidValue, notEmulated, required } from "../engine/errors.ts";
import { kinds } from "../engine/kinds.ts";
import type { Snapshot, Volume } from "../engine/state-compute.ts";
import { newResource } from "../engine/store.ts";
import type { Tags } from "../engine/tags.ts";

/** The members that describe a volume, whether it is made alone or with an instance. */
export interface VolumeRequest {
  readonly zone: string;
  readonly size?: number | undefined;
  readonly type?: string | undefined;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  readonly encrypted?: boolean | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly snapshotId?: string | undefined;
  readonly tags: Tags;
  /** False for a root volume, which lives inside its host. */
  readonly inDriver: boolean;
}

const volumeTypes = ["gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"] as const;
const maxGiB = 65_536;
const baseline = { iops: 3_000, throughput: 125 };

function typeOf(request: VolumeRequest): Volume["type"] {
  const name = request.type ?? "gp2";
  const type = volumeTypes.find((each) => each === name);
  if (!type) throw invalidParameter(name, "VolumeType");
  if ((type === "io1" || type === "io2") && request.iops === undefined) {
    throw new AwsError("MissingParameter", `The parameter iops must be specified for ${type} volumes.`);
  }
  return type;
}

/**
 * A completed snapshot may be read. @throws AwsError `InvalidSnapshot.NotFound`, `IncorrectState` while it is pending
 */
function usableSnapshot(engine: Engine, snapshotId: string | undefined): Snapshot | undefined {
  if (snapshotId === undefined) return undefined;
  const snapshot = engine.store.snapshots.get(snapshotId);
  if (snapshot.state !== "completed") {
    throw new AwsError("IncorrectState", `Snapshot is in invalid state - ${snapshot.state}`);
  }
  return snapshot;
}

/** @throws AwsError `VolumeLimitExceeded` when gp3 volumes would hold more than the quota, which is in TiB. */
function checkQuota(engine: Engine, type: Volume["type"], sizeGiB: number): void {
  if (type !== "gp3") return;
  const used = engine.store.volumes.list().reduce((sum, each) => sum + (each.type === "gp3" ? each.sizeGiB : 0), 0);
  if (used + sizeGiB > engine.quotas.limit("gp3TiB") * 1024) {
    throw new AwsError("VolumeLimitExceeded", "You have exceeded your maximum gp3 storage limit in this region.");
  }
}

function sizeOf(request: VolumeRequest, snapshot: Snapshot | undefined): number {
  const size = request.size ?? snapshot?.sizeGiB;
  if (size === undefined)
    throw new AwsError("MissingParameter", "The request must contain the parameter size/snapshot");
  if (!Number.isInteger(size) || size < 1 || size > maxGiB) throw invalidParameter(size, "Size");
  if (snapshot && size < snapshot.sizeGiB) {
    throw invalidValue(
      `Volume of ${size}GiB is smaller than snapshot '${snapshot.id}', expect size>= ${snapshot.sizeGiB}GiB`,
    );
  }
  return size;
}

/** A volume in state `creating`, without any work started for it. @throws AwsError for what AWS refuses */
export function addVolume(engine: Engine, request: VolumeRequest): Volume {
  const snapshot = usableSnapshot(engine, request.snapshotId);
  const type = typeOf(request);
  checkQuota(engine, type, sizeOf(request, snapshot));
  const iops = request.iops ?? (type === "gp3" ? baseline.iops : undefined);
  const throughput = request.throughput ?? (type === "gp3" ? baseline.throughput : undefined);
  return engine.store.volumes.add({
    sizeGiB: sizeOf(request, snapshot),
    ...newResource(engine.context, kinds.volume.prefix, request.tags),
    zone: request.zone,
    type,
    ...(iops !== undefined && { iops }),
    ...(throughput !== undefined && { throughput }),
    encrypted: (request.encrypted ?? snapshot?.encrypted ?? false) || request.kmsKeyId !== undefined,
    ...(request.kmsKeyId !== undefined && { kmsKeyId: request.kmsKeyId }),
    ...(snapshot && { snapshotId: snapshot.id }),
    state: "creating",
    inDriver: request.inDriver,
  });
}

/** Lets the driver make the volume's data; the volume is `available` or `error` afterwards. */
export function fillVolume(engine: Engine, volume: Volume): void {
  engine.background.run(`create ${volume.id}`, async () => {
    try {
      const source = engine.store.snapshots.find(volume.snapshotId);
      await engine.hosts.createVolume(volume.id, source?.inDriver ? { fromVolumeId: source.id } : {});
      await engine.background.sleep(engine.timings.volumeCreating);
    } catch (error) {
      volume.state = "error";
      publishVolumeEvent(engine, "createVolume", "failed", { volumeId: volume.id, cause: String(error) });
      throw error;
    }
    volume.state = "available";
    publishVolumeEvent(engine, "createVolume", "available", { volumeId: volume.id });
  });
}

/** The driver gets to know a root volume that outlived its host; its data ended with the host. */
export async function ensureInDriver(engine: Engine, volume: Volume): Promise<void> {
  if (volume.inDriver) return;
  await engine.hosts.createVolume(volume.id, {});
  volume.inDriver = true;
}

/** Deletes a volume that nothing uses: `deleting`, then gone. */
export function eraseVolume(engine: Engine, volume: Volume): void {
  volume.state = "deleting";
  delete volume.attachment;
  engine.background.run(`delete ${volume.id}`, async () => {
    if (volume.inDriver) await engine.hosts.deleteVolume(volume.id);
    await engine.background.sleep(engine.timings.volumeDeleting);
    engine.store.volumes.remove(volume.id);
    engine.tokens.forget(volume.id);
    publishVolumeEvent(engine, "deleteVolume", "deleted", { volumeId: volume.id });
  });
}

/** Reads what a user asked for. @throws AwsError for features that are not emulated */
export function volumeRequest(input: ec2.CreateVolumeCommandInput, zone: string, tags: Tags): VolumeRequest {
  if (input.MultiAttachEnabled) throw notEmulated("Multi-Attach");
  if (input.OutpostArn) throw notEmulated("Outposts");
  return {
    zone: required(zone, "AvailabilityZone"),
    size: input.Size,
    type: input.VolumeType,
    iops: input.Iops,
    throughput: input.Throughput,
    encrypted: input.Encrypted,
    kmsKeyId: input.KmsKeyId,
    snapshotId: input.SnapshotId,
    tags,
    inDriver: true,
  };
}

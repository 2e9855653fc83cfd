import { randomUUID } from "node:crypto";
import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { arnOf, type Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Snapshot, Volume } from "../engine/state-compute.ts";
import { newResource } from "../engine/store.ts";
import { type Tags, tagList, tagsOnCreate } from "../engine/tags.ts";

/** @throws AwsError `IncorrectState` for a volume without data, `SnapshotCreationPerVolumeRateExceeded` */
function refuseSnapshot(engine: Engine, volume: Volume): void {
  if (volume.state !== "available" && volume.state !== "in-use") {
    throw new AwsError("IncorrectState", `The volume '${volume.id}' is in the '${volume.state}' state.`);
  }
  const soonest = engine.context.clock.now() - engine.timings.snapshotInterval;
  if (engine.store.snapshots.list().some((each) => each.volumeId === volume.id && each.createdAt > soonest)) {
    throw new AwsError(
      "SnapshotCreationPerVolumeRateExceeded",
      "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.",
    );
  }
}

function create(engine: Engine, volume: Volume, description: string, tags: Tags): Snapshot {
  refuseSnapshot(engine, volume);
  const snapshot = engine.store.snapshots.add({
    ...newResource(engine.context, kinds.snapshot.prefix, tags),
    volumeId: volume.id,
    sizeGiB: volume.sizeGiB,
    encrypted: volume.encrypted,
    description,
    state: "pending",
    inDriver: volume.inDriver,
    ownerId: engine.context.accountId,
  });
  engine.background.run(`snapshot ${snapshot.id}`, async () => {
    try {
      if (snapshot.inDriver) await engine.hosts.createVolume(snapshot.id, { fromVolumeId: volume.id });
      await engine.background.sleep(engine.timings.snapshotPending);
      snapshot.state = "completed";
    } catch (error) {
      snapshot.state = "error";
      throw error;
    } finally {
      publishSnapshotEvent(engine, snapshot);
    }
  });
  return snapshot;
}

function publishSnapshotEvent(engine: Engine, snapshot: Snapshot): void {
  if (snapshot.state === "pending") return;
  engine.context.publish({
    source: "aws.ec2",
    detailType: "EBS Snapshot Notification",
    resources: [`arn:aws:ec2::${engine.context.region}:snapshot/${snapshot.id}`],
    detail: {
      event: "createSnapshot",
      result: snapshot.state === "completed" ? "succeeded" : "failed",
      cause: "",
      "request-id": randomUUID(),
      snapshot_id: arnOf(engine, `snapshot/${snapshot.id}`),
      source: arnOf(engine, `volume/${snapshot.volumeId}`),
      startTime: new Date(snapshot.createdAt).toISOString(),
      endTime: new Date(engine.context.clock.now()).toISOString(),
    },
  });
}

function remove(engine: Engine, snapshot: Snapshot): void {
  const image = engine.store.images.list().find((each) => each.rootSnapshotId === snapshot.id);
  if (image) {
    throw new AwsError("InvalidSnapshot.InUse", `The snapshot ${snapshot.id} is currently in use by ${image.id}`);
  }
  engine.store.snapshots.remove(snapshot.id);
  if (!snapshot.inDriver) return;
  engine.background.run(`delete ${snapshot.id}`, () => engine.hosts.deleteVolume(snapshot.id));
}

export function snapshotHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateSnapshot(input) {
      const volume = store.volumes.get(required(input.VolumeId, "VolumeId"));
      const tags = tagsOnCreate(input.TagSpecifications, kinds.snapshot);
      return snapshotView(create(engine, volume, input.Description ?? "", tags));
    },

    DescribeSnapshots(input) {
      const owners = (input.OwnerIds ?? []).map((owner) => (owner === "self" ? engine.context.accountId : owner));
      const ofOwners = owners.length === 0 ? [] : [{ Name: "owner-id", Values: owners }];
      const query = { ...input, Filters: [...(input.Filters ?? []), ...ofOwners] };
      const { items, ...next } = select(store.snapshots, input.SnapshotIds, query, filters);
      return { Snapshots: items.map(snapshotView), ...next };
    },

    DeleteSnapshot(input) {
      remove(engine, store.snapshots.get(required(input.SnapshotId, "SnapshotId")));
      return {};
    },
  };
}

const filters: FilterAttributes<Snapshot> = {
  "snapshot-id": (snapshot) => snapshot.id,
  "volume-id": (snapshot) => snapshot.volumeId,
  "volume-size": (snapshot) => snapshot.sizeGiB,
  status: (snapshot) => snapshot.state,
  description: (snapshot) => snapshot.description,
  encrypted: (snapshot) => snapshot.encrypted,
  "owner-id": (snapshot) => snapshot.ownerId,
  "start-time": (snapshot) => new Date(snapshot.createdAt).toISOString(),
};

function snapshotView(snapshot: Snapshot): ec2.Snapshot {
  return {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    VolumeSize: snapshot.sizeGiB,
    State: snapshot.state,
    Progress: snapshot.state === "completed" ? "100%" : "0%",
    StartTime: new Date(snapshot.createdAt),
    Description: snapshot.description,
    Encrypted: snapshot.encrypted,
    OwnerId: snapshot.ownerId,
    StorageTier: "standard",
    Tags: tagList(snapshot.tags),
  };
}

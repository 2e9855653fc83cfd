import type { EC2Client } from "@aws-sdk/client-ec2";
import { CreateSnapshotCommand, paginateDescribeSnapshots, type Snapshot } from "@aws-sdk/client-ec2";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { type Owner, TAG } from "../../domain/cluster/naming.ts";
import type { KeptSnapshot } from "../../domain/deletion/deletion.ts";
import { collect, present } from "../common/aws-errors.ts";
import { byResource, createOnce, type Ec2, fromTags, ownedBy, tagged } from "./client.ts";

/** What the owner has; a snapshot that failed is as good as none. */
async function listSnapshots(ec2: EC2Client, owner: Owner): Promise<Snapshot[]> {
  const found = await collect(
    paginateDescribeSnapshots({ client: ec2 }, { Filters: ownedBy(owner), OwnerIds: ["self"] }),
    ({ Snapshots }) => Snapshots,
  );
  return found.filter(({ State }) => State !== "error");
}

async function findSnapshot(ec2: EC2Client, owner: Owner, resource: string): Promise<Snapshot | undefined> {
  return byResource(await listSnapshots(ec2, owner), ({ SnapshotId }) => SnapshotId ?? "").get(resource);
}

/** Snapshots of former data that nothing removes, in the order in which they were made. */
export async function listKeptSnapshots(ec2: EC2Client, owner: Owner): Promise<KeptSnapshot[]> {
  const found = (await listSnapshots(ec2, owner)).toSorted(
    (one, other) => (one.StartTime?.getTime() ?? 0) - (other.StartTime?.getTime() ?? 0),
  );
  return found.flatMap(({ SnapshotId, Description = "", Tags }) => {
    const until = fromTags(Tags)[TAG.kept];
    return SnapshotId === undefined || until === undefined ? [] : [{ id: SnapshotId, description: Description, until }];
  });
}

/**
 * The last snapshot of a member's volume, complete: its id. NotReadyYet while it is being written; the volume must not go
 * before.
 */
export async function ensureFinalSnapshot(
  ec2: Ec2,
  owner: Owner,
  { member, volumeId }: { member: string; volumeId: string },
): Promise<string> {
  const resource = "final-snapshot";
  const snapshot = await findSnapshot(ec2, owner, resource);
  if (snapshot?.State === "completed") return present(snapshot.SnapshotId, "a snapshot id");
  if (snapshot) throw new NotReadyYet(`${snapshot.SnapshotId} of ${volumeId} is ${snapshot.State}`);
  const made = await createOnce(
    ec2.once.send(
      new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: `etcd of ${owner.cluster}, member ${member}, before its deletion`,
        TagSpecifications: tagged("snapshot", owner, resource, { [TAG.member]: member }),
      }),
    ),
  );
  throw new NotReadyYet(`${made.SnapshotId} of ${volumeId} is being written`);
}

export interface KeptData {
  readonly member: string;
  readonly volumeId: string;
  readonly name: string;
  /** `before a restore`. */
  readonly why: string;
  /** For how long it is of use. */
  readonly days: number;
}

/**
 * A snapshot of a volume's former data, by a name of its own: its id. What it holds is fixed when it is begun, so nobody
 * waits for its end.
 */
export async function ensureKeptSnapshot(
  ec2: Ec2,
  owner: Owner,
  { member, volumeId, name, why, days }: KeptData,
  now: Date,
): Promise<string> {
  const resource = `kept/${member}/${name}`;
  const snapshot = await findSnapshot(ec2, owner, resource);
  if (snapshot) return present(snapshot.SnapshotId, "a snapshot id");
  const until = new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  const made = await createOnce(
    ec2.once.send(
      new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: `etcd of ${owner.cluster}, member ${member}, ${why}`,
        TagSpecifications: tagged("snapshot", owner, resource, { [TAG.member]: member, [TAG.kept]: until }),
      }),
    ),
  );
  return present(made.SnapshotId, "a snapshot id");
}

/** Throws NotReadyYet while a snapshot is being written: its volume must not go before. */
export async function requireSnapshot(ec2: EC2Client, snapshotId: string): Promise<void> {
  const found = await collect(
    paginateDescribeSnapshots(
      { client: ec2 },
      { Filters: [{ Name: "snapshot-id", Values: [snapshotId] }], OwnerIds: ["self"] },
    ),
    ({ Snapshots }) => Snapshots,
  );
  const state = found[0]?.State ?? "not to be seen yet";
  if (state !== "completed") throw new NotReadyYet(`${snapshotId} is ${state}`);
}

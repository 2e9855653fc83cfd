import type { EC2Client } from "@aws-sdk/client-ec2";
import { CreateSnapshotCommand, paginateDescribeSnapshots, type Snapshot } from "@aws-sdk/client-ec2";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { type Owner, TAG } from "../../domain/cluster/naming.ts";
import { call, collect, present } from "../common/aws-errors.ts";
import { byResource, ownedBy, tagged } from "./client.ts";

/** What the owner has by this name; a snapshot that failed is as good as none. */
async function findSnapshot(ec2: EC2Client, owner: Owner, resource: string): Promise<Snapshot | undefined> {
  const found = await collect(
    paginateDescribeSnapshots({ client: ec2 }, { Filters: ownedBy(owner), OwnerIds: ["self"] }),
    ({ Snapshots }) => Snapshots,
  );
  const usable = found.filter(({ State }) => State !== "error");
  return byResource(usable, ({ SnapshotId }) => SnapshotId ?? "").get(resource);
}

/**
 * The last snapshot of a member's volume, complete: its id. NotReadyYet while it is being written; the volume must not go
 * before.
 */
export async function ensureFinalSnapshot(
  ec2: EC2Client,
  owner: Owner,
  { member, volumeId }: { member: string; volumeId: string },
): Promise<string> {
  const resource = "final-snapshot";
  const snapshot = await findSnapshot(ec2, owner, resource);
  if (snapshot?.State === "completed") return present(snapshot.SnapshotId, "a snapshot id");
  if (snapshot) throw new NotReadyYet(`${snapshot.SnapshotId} of ${volumeId} is ${snapshot.State}`);
  const made = await call(
    ec2.send(
      new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: `etcd of ${owner.cluster}, member ${member}, before its deletion`,
        TagSpecifications: tagged("snapshot", owner, resource, { [TAG.member]: member }),
      }),
    ),
  );
  throw new NotReadyYet(`${made.SnapshotId} of ${volumeId} is being written`);
}

/** For how long a snapshot of former data is of use. */
const KEPT_DAYS = 30;

/**
 * A snapshot of a volume's former data, by a name of its own: its id. What it holds is fixed when it is begun, so nobody
 * waits for its end.
 */
export async function ensureKeptSnapshot(
  ec2: EC2Client,
  owner: Owner,
  { member, volumeId, name }: { readonly member: string; readonly volumeId: string; readonly name: string },
  now: Date,
): Promise<string> {
  const resource = `kept/${member}/${name}`;
  const snapshot = await findSnapshot(ec2, owner, resource);
  if (snapshot) return present(snapshot.SnapshotId, "a snapshot id");
  const until = new Date(now.getTime() + KEPT_DAYS * 86_400_000).toISOString().slice(0, 10);
  const made = await call(
    ec2.send(
      new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: `etcd of ${owner.cluster}, member ${member}, before a restore`,
        TagSpecifications: tagged("snapshot", owner, resource, { [TAG.member]: member, [TAG.kept]: until }),
      }),
    ),
  );
  return present(made.SnapshotId, "a snapshot id");
}

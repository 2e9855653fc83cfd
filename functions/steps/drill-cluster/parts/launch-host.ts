import { ec2 } from "../../../aws/ec2/client.ts";
import {
  type DrillHostRequest,
  ensureDrillGroup,
  findDrillHosts,
  launchDrillHost,
} from "../../../aws/ec2/drill-hosts.ts";
import { revokeEgress } from "../../../aws/ec2/removal.ts";
import { iam } from "../../../aws/iam/client.ts";
import { ensureInstanceRole } from "../../../aws/iam/iam.ts";
import {
  DRILL_MINUTES,
  drillResource,
  drillRootGiB,
  drillTypes,
  POWER_OFF_MINUTES,
} from "../../../domain/backup/drill-host.ts";
import { DrillFailed, ZoneUnavailable } from "../../../domain/cluster/errors.ts";
import { drillRoleName, type Owner } from "../../../domain/cluster/naming.ts";
import { networkOf, subnetIdOf } from "../../../domain/cluster/recorded-network.ts";
import { type ClusterRecord, ownerOf, rootDeviceOf } from "../../../domain/cluster/records.ts";
import { bootScript } from "../../../domain/host/boot-script.ts";
import { owningClusterOf } from "../../../domain/ownership/known-resources.ts";
import { Owned } from "../../../domain/ownership/ownership.ts";
import { drillPolicy } from "../../../domain/permissions/instance-policies.ts";
import { etcdVariables, versionsOf } from "../../../domain/releases/pinned-versions.ts";
import { isWatched } from "../../../domain/repair/reconcile.ts";
import commonScript from "../../../hosts/boot/common.sh";
import drillScript from "../../../hosts/boot/drill.sh";
import softwareScript from "../../../hosts/boot/software.sh";
import unitScript from "../../../hosts/boot/unit.sh";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { noteOf } from "../../../usecases/backup/drill-note.ts";

const calls = {
  ...bind(iam, { ensureInstanceRole }),
  ...bind(ec2, { ensureDrillGroup, findDrillHosts, launchDrillHost, revokeEgress }),
};

const ENV = { PARTITION: NonEmpty, AWS_REGION: NonEmpty, PERMISSIONS_BOUNDARY: NonEmpty, SECRETS_KEY_ARN: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Launches a host for this drill alone, of the masters' image, in a subnet of the masters. Its role reads the cluster's
 * snapshots, and its security group lets nothing in and nothing out to a master.
 */
export async function launchHost(deps: Collaborators, { cluster: name, operation }: StepRequest): Promise<void> {
  const note = await noteOf(deps, operation);
  if (note.host) return;
  const cluster = await deps.store.getCluster(name);
  // A deletion ends the drill and waits for this step; it may have come just before the drill began.
  if (!isWatched(cluster)) throw new DrillFailed(`${name} is ${cluster.status}`);
  const { manifest } = await deps.store.getBackup(name, note.backup);
  const owner = ownerOf(cluster);
  const { partition, secretsKeyArn } = { partition: deps.env.PARTITION, secretsKeyArn: deps.env.SECRETS_KEY_ARN };
  const [securityGroupId] = await Promise.all([
    closedGroup(deps, cluster, owner),
    deps.aws.ensureInstanceRole(owner, {
      name: drillRoleName(owner),
      resource: "role/drill",
      policy: drillPolicy(owner, { partition, secretsKeyArn }),
      permissionsBoundaryArn: deps.env.PERMISSIONS_BOUNDARY,
    }),
  ]);
  const [known] = await deps.aws.findDrillHosts(owner, drillResource(operation));
  const now = deps.clock.now().getTime();
  const host = known
    ? { instanceId: known.instanceId, type: "", launchedAt: known.launchedAt }
    : {
        ...(await launchSomewhere(deps, cluster, owner, {
          resource: drillResource(operation),
          imageId: imageOf(cluster),
          rootDevice: rootDeviceOf(cluster.images ?? { masters: "", nodes: "" }),
          securityGroupId,
          instanceProfile: drillRoleName(owner),
          userData: userDataOf(deps, cluster),
          rootVolumeGiB: drillRootGiB(manifest.etcd.totalSize, cluster.spec),
          expiresAt: new Date(now + DRILL_MINUTES * 60_000).toISOString(),
          totalSize: manifest.etcd.totalSize,
        })),
        launchedAt: now,
      };
  await deps.store.noteSide(operation, { ...note, host });
}

/** The group of drills, from which nothing but the web is reached: EC2's own rule for new groups is taken from it. */
async function closedGroup(deps: Collaborators, cluster: ClusterRecord, owner: Owner): Promise<string> {
  const { surplus, ...group } = await deps.aws.ensureDrillGroup(owner, networkOf(cluster).vpcId);
  if (surplus.length === 0) return group.id;
  const owned = Owned.require(owningClusterOf(cluster), { kind: "security-group", ...group }, "security-group/drill");
  await deps.aws.revokeEgress(owned, surplus);
  return group.id;
}

type Launch = Omit<DrillHostRequest, "instanceType" | "subnetId"> & { readonly totalSize: number };

/** In the first of the masters' zones that has room for one of the types. Throws the last zone's refusal. */
async function launchSomewhere(
  deps: Collaborators,
  cluster: ClusterRecord,
  owner: Owner,
  { totalSize, ...launch }: Launch,
): Promise<{ readonly instanceId: string; readonly type: string }> {
  const subnets = [...new Set(cluster.plan.members.map(({ subnet }) => subnetIdOf(cluster, subnet)))];
  let refusal: ZoneUnavailable | undefined;
  for (const type of drillTypes(totalSize, cluster.spec.masterSize)) {
    for (const subnetId of subnets) {
      try {
        const instanceId = await deps.aws.launchDrillHost(owner, { ...launch, subnetId, instanceType: type });
        return { instanceId, type };
      } catch (error) {
        if (!(error instanceof ZoneUnavailable)) throw error;
        refusal = error;
      }
    }
  }
  throw refusal ?? new DrillFailed(`${cluster.name} has no subnet for a drill`);
}

function imageOf({ name, images }: ClusterRecord): string {
  if (!images) throw new DrillFailed(`the image of ${name} is not pinned`);
  return images.masters;
}

function userDataOf(deps: Collaborators, cluster: ClusterRecord): string {
  const variables = {
    REGION: deps.env.AWS_REGION,
    POWER_OFF_MINUTES: String(POWER_OFF_MINUTES),
    ...etcdVariables(versionsOf(cluster)),
  };
  return bootScript(variables, [unitScript, commonScript, softwareScript, drillScript]);
}

export const handler = stepHandler("Launch drill host", StepInput, launchHost, collaborators(calls, ENV));

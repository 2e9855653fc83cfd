import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ensureMasterGroup } from "../../aws/auto-scaling/group-creation.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { ensureLaunchTemplate } from "../../aws/ec2/launch-templates.ts";
import { ensureVolume } from "../../aws/ec2/storage.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { putText } from "../../aws/ssm/parameters.ts";
import {
  masterGroupName,
  masterRoleName,
  masterTemplateName,
  type Owner,
  parameterName,
  parameterPath,
  TAG,
} from "../../domain/cluster/naming.ts";
import { endpointOf, networkOf, subnetIdOf } from "../../domain/cluster/recorded-network.ts";
import {
  type Begun,
  type ClusterRecord,
  ownerIn,
  type PinnedImages,
  rootDeviceOf,
} from "../../domain/cluster/records.ts";
import { addressVariables, bootScript } from "../../domain/host/boot-script.ts";
import { membersAtBoot } from "../../domain/migrate/migrated-plan.ts";
import { masterRootGiB } from "../../domain/plan/disks.ts";
import type { MemberPlan } from "../../domain/plan/plan-types.ts";
import { etcdVariables, softwareVariables, versionsOf } from "../../domain/releases/pinned-versions.ts";
import type { MemberRestore } from "../../domain/restore/restore-records.ts";
import commonScript from "../../hosts/boot/common.sh";
import masterScript from "../../hosts/boot/master.sh";
import { networkScripts } from "../../hosts/boot/network-scripts.ts";
import softwareScript from "../../hosts/boot/software.sh";
import unitScript from "../../hosts/boot/unit.sh";
import { certificatesCalls, ensureCertificates } from "../../pki/certificates.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { ensurePlace, memberPlaceCalls } from "../../usecases/members/member-place.ts";
import { planOf } from "../../usecases/members/members.ts";

const calls = {
  ...memberPlaceCalls,
  ...certificatesCalls,
  ...bind(ec2, { ensureVolume, ensureLaunchTemplate }),
  ...bind(ssm, { putText }),
  ...bind(autoScaling, { ensureMasterGroup }),
};

const ENV = { AWS_REGION: NonEmpty, HEARTBEAT_TABLE: NonEmpty, INSTANCE_ARNS: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Long enough for boot, volume and etcd. After that the group replaces a master whose placing has stopped. */
const LAUNCH_HEARTBEAT_SECONDS = 1_800;

/**
 * Resources that outlive a master's instances: volume, interface and certificates; and the group that launches them.
 */
export async function prepareMember(
  deps: Collaborators,
  { cluster: name, member }: MemberStepRequest,
  begun: Begun,
): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const { images } = cluster;
  if (!images) throw new Error(`the image of ${name} is not pinned`);
  const owner = ownerIn(cluster, begun);
  const plan = planOf(cluster, member);
  const known = (await deps.store.listMembers(name)).find((record) => record.member === member);
  const generation = known?.generation ?? 1;

  const [volumeId, { interfaceId, addressId }] = await Promise.all([
    // A member that has had one keeps it: were it lost, a blank one in its place would be a repair's to explain to
    // etcd.
    known?.volumeId ??
      deps.aws.ensureVolume(owner, { member, generation, zone: plan.zone, sizeGiB: cluster.spec.etcdVolumeGiB }),
    ensurePlace(
      deps,
      cluster,
      owner,
      {
        member,
        home: known?.home ?? 1,
        subnetId: subnetIdOf(cluster, plan.subnet),
        address: plan.address,
        securityGroupIds: [networkOf(cluster).masterGroupId, ...cluster.spec.masterSecurityGroups],
      },
      { recorded: known?.interfaceId ?? null, former: null },
    ),
    // In the operation that creates the cluster, "Issue PKI" has just issued them.
    owner.blank ? undefined : ensureCertificates(deps, owner, [plan]),
  ]);
  // A backup's data comes onto the volume before anything starts there.
  const isHeld = cluster.restoration?.takeover !== undefined;
  if (known?.volumeId !== volumeId) {
    await deps.aws.putText(
      owner,
      `parameter/${member}-volume`,
      parameterName.volume(owner, member),
      `${volumeId} ${generation} ${isHeld ? "hold-new" : "new"}`,
    );
  }
  await deps.store.updateMember(name, member, {
    volumeId,
    interfaceId,
    generation,
    ...(addressId === undefined ? {} : { addressId }),
    ...(isHeld && !known?.restoring ? { restoring: blankRestore(generation) } : {}),
  });
  await ensureLaunches(deps, cluster, owner, { plan, images, interfaceId });
}

/** There is nothing to keep, and nothing to go back to. */
function blankRestore(generation: number): MemberRestore {
  return { former: { volumeId: null, generation }, generation, keptSnapshot: null };
}

/** The group that launches the member's instances, and what it launches them from. */
async function ensureLaunches(
  deps: Collaborators,
  cluster: ClusterRecord,
  owner: Owner,
  { plan, images, interfaceId }: { plan: MemberPlan; images: PinnedImages; interfaceId: string },
): Promise<void> {
  const member = plan.name;
  const launchTemplateId = await deps.aws.ensureLaunchTemplate(owner, {
    name: masterTemplateName(owner, member),
    resource: `launch-template/master-${member}`,
    imageId: images.masters,
    rootDevice: rootDeviceOf(images),
    instanceType: cluster.spec.masterSize,
    instanceProfile: masterRoleName(owner, member),
    rootVolumeGiB: masterRootGiB(cluster.spec),
    userData: masterBootScript(deps, cluster, owner, plan),
    network: { interfaceId },
    tags: { [TAG.member]: member },
  });
  await deps.aws.ensureMasterGroup(owner, {
    name: masterGroupName(owner, member),
    resource: `group/master-${member}`,
    launchTemplateId,
    zone: plan.zone,
    heartbeatSeconds: LAUNCH_HEARTBEAT_SECONDS,
  });
}

function masterBootScript(deps: Collaborators, cluster: ClusterRecord, owner: Owner, plan: MemberPlan): string {
  const { network } = cluster.plan;
  const versions = versionsOf(cluster);
  return bootScript(
    {
      CLUSTER: cluster.name,
      CLUSTER_UID: cluster.uid,
      TABLE: deps.env.HEARTBEAT_TABLE,
      INSTANCES: deps.env.INSTANCE_ARNS,
      REGION: deps.env.AWS_REGION,
      PARAMETERS: parameterPath(owner),
      MEMBER: plan.name,
      ADDRESS: plan.address,
      ...addressVariables(membersAtBoot(cluster, plan.name)),
      ENDPOINT: endpointOf(cluster).host,
      ...softwareVariables(versions),
      ...etcdVariables(versions),
      POD_CIDR: network.pods,
      SERVICE_CIDR: network.services,
      // Where pods have addresses of the VPC, no range is cut for a node.
      ALLOCATE_NODE_CIDRS: String(cluster.spec.networking.used !== "amazonvpc"),
    },
    [unitScript, commonScript, softwareScript, ...networkScripts(cluster.spec.networking.used), masterScript],
  );
}

export const handler = stepHandler("Prepare member", MemberStepInput, prepareMember, collaborators(calls, ENV));

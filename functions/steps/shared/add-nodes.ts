import { findGroups, resizeGroup } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ensureNodeGroup } from "../../aws/auto-scaling/group-creation.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { setNodeGroups } from "../../aws/ec2/interfaces.ts";
import { ensureLaunchTemplate } from "../../aws/ec2/launch-templates.ts";
import { nodeGroupName, nodeRoleName, nodeTemplateName, type Owner } from "../../domain/cluster/naming.ts";
import { networkOf, subnetIdOf } from "../../domain/cluster/recorded-network.ts";
import { type Begun, type ClusterRecord, ownerIn, rootDeviceOf } from "../../domain/cluster/records.ts";
import { bootScript } from "../../domain/host/boot-script.ts";
import { nodeRootGiB } from "../../domain/plan/disks.ts";
import { spreadNodes } from "../../domain/plan/spread-nodes.ts";
import { homeSubnet } from "../../domain/plan/subnets.ts";
import { softwareVariables, versionsOf } from "../../domain/releases/pinned-versions.ts";
import commonScript from "../../hosts/boot/common.sh";
import { networkScripts } from "../../hosts/boot/network-scripts.ts";
import nodeScript from "../../hosts/boot/node.sh";
import softwareScript from "../../hosts/boot/software.sh";
import unitScript from "../../hosts/boot/unit.sh";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = {
  ...bind(ec2, { setNodeGroups, ensureLaunchTemplate }),
  ...bind(autoScaling, { findGroups, resizeGroup, ensureNodeGroup }),
};

const ENV = { AWS_REGION: NonEmpty, NODE_API_URL: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * One group a zone with its share of the nodes, all from one launch template: made, or brought to what is asked for.
 */
export async function addNodes(deps: Collaborators, { cluster: name }: StepRequest, begun: Begun): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const owner = ownerIn(cluster, begun);
  const { spec, plan } = cluster;
  const launchTemplateId = spec.nodeCount === 0 ? undefined : await ensureTemplate(deps, cluster, owner);
  if (!owner.blank) await deps.aws.setNodeGroups(owner, groupsOf(cluster));
  const shares = spreadNodes(spec.nodeCount, spec.zones);
  const existing = owner.blank
    ? undefined
    : await deps.aws.findGroups(shares.map(({ zone }) => nodeGroupName(owner, zone)));
  await Promise.all(
    shares.map(async ({ zone, count: size }) => {
      const group = nodeGroupName(owner, zone);
      const found = existing?.get(group);
      if (found) return deps.aws.resizeGroup(found, size);
      if (size === 0 || launchTemplateId === undefined) return;
      const subnetId = subnetIdOf(cluster, homeSubnet(plan.subnets, zone).name);
      await deps.aws.ensureNodeGroup(owner, {
        name: group,
        resource: `group/nodes-${zone}`,
        launchTemplateId,
        subnetId,
        size,
      });
    }),
  );
}

function groupsOf(cluster: ClusterRecord): string[] {
  return [networkOf(cluster).nodeGroupId, ...cluster.spec.nodeSecurityGroups];
}

function ensureTemplate(deps: Collaborators, cluster: ClusterRecord, owner: Owner): Promise<string> {
  const { name, spec, images } = cluster;
  if (!images) throw new Error(`the image of ${name} is not pinned`);
  return deps.aws.ensureLaunchTemplate(owner, {
    name: nodeTemplateName(owner),
    resource: "launch-template/node",
    imageId: images.nodes,
    rootDevice: rootDeviceOf(images),
    instanceType: spec.nodeSize,
    instanceProfile: nodeRoleName(owner),
    rootVolumeGiB: nodeRootGiB(spec),
    userData: bootScript(
      {
        CLUSTER: name,
        REGION: deps.env.AWS_REGION,
        API: deps.env.NODE_API_URL,
        ...softwareVariables(versionsOf(cluster)),
      },
      [unitScript, commonScript, softwareScript, ...networkScripts(spec.networking.used), nodeScript],
    ),
    network: { securityGroupIds: groupsOf(cluster) },
    tags: {},
  });
}

export const handler = stepHandler("Add nodes", StepInput, addNodes, collaborators(calls, ENV));

import { ensureNodeGroup, findGroups, resizeGroup } from "../../aws/auto-scaling/auto-scaling.ts";
import { ensureLaunchTemplate } from "../../aws/ec2/compute.ts";
import { setNodeGroups } from "../../aws/ec2/interfaces.ts";
import { nodeGroupName, nodeRoleName, nodeTemplateName, type Owner } from "../../domain/cluster/naming.ts";
import { networkOf, subnetIdOf } from "../../domain/cluster/recorded-network.ts";
import { type Begun, type ClusterRecord, ownerIn, rootDeviceOf } from "../../domain/cluster/records.ts";
import { bootScript } from "../../domain/host/boot-script.ts";
import { NODE_ROOT_GIB } from "../../domain/plan/disks.ts";
import { spreadNodes } from "../../domain/plan/plan.ts";
import { homeSubnet } from "../../domain/plan/subnets.ts";
import { softwareVariables, versionsOf } from "../../domain/releases/pinned-versions.ts";
import commonScript from "../../hosts/boot/common.sh";
import { networkScripts } from "../../hosts/boot/network-scripts.ts";
import nodeScript from "../../hosts/boot/node.sh";
import softwareScript from "../../hosts/boot/software.sh";
import unitScript from "../../hosts/boot/unit.sh";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";

const env = readEnv({ AWS_REGION: NonEmpty, NODE_API_URL: NonEmpty });

/** One group a zone with its share of the nodes, all from one launch template: made, or brought to what is asked for. */
const addNodes = async ({ cluster: name }: StepInput, begun: Begun): Promise<void> => {
  const cluster = await getCluster(table, name);
  const owner = ownerIn(cluster, begun);
  const { spec, plan } = cluster;
  const launchTemplateId = spec.nodeCount === 0 ? undefined : await ensureTemplate(cluster, owner);
  if (!owner.blank) await setNodeGroups(owner, groupsOf(cluster));
  const shares = spreadNodes(spec.nodeCount, spec.zones);
  const existing = owner.blank ? undefined : await findGroups(shares.map(({ zone }) => nodeGroupName(owner, zone)));
  await Promise.all(
    shares.map(async ({ zone, count: size }) => {
      const group = nodeGroupName(owner, zone);
      const found = existing?.get(group);
      if (found) return resizeGroup(found, size);
      if (size === 0 || launchTemplateId === undefined) return;
      const subnetId = subnetIdOf(cluster, homeSubnet(plan.subnets, zone).name);
      await ensureNodeGroup(owner, { name: group, resource: `group/nodes-${zone}`, launchTemplateId, subnetId, size });
    }),
  );
};

const groupsOf = (cluster: ClusterRecord): string[] => [
  networkOf(cluster).nodeGroupId,
  ...cluster.spec.nodeSecurityGroups,
];

const ensureTemplate = (cluster: ClusterRecord, owner: Owner): Promise<string> => {
  const { name, spec, images } = cluster;
  if (!images) throw new Error(`the image of ${name} is not pinned`);
  return ensureLaunchTemplate(owner, {
    name: nodeTemplateName(owner),
    resource: "launch-template/node",
    imageId: images.nodes,
    rootDevice: rootDeviceOf(images),
    instanceType: spec.nodeSize,
    instanceProfile: nodeRoleName(owner),
    rootVolumeGiB: NODE_ROOT_GIB,
    userData: bootScript(
      {
        CLUSTER: name,
        REGION: env.AWS_REGION,
        API: env.NODE_API_URL,
        ...softwareVariables(versionsOf(cluster)),
      },
      [unitScript, commonScript, softwareScript, ...networkScripts(spec.networking.used), nodeScript],
    ),
    network: { securityGroupIds: groupsOf(cluster) },
    tags: {},
  });
};

export const handler = stepHandler("Add nodes", table, StepInputSchema, addNodes);

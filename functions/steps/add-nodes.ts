import commonScript from "../boot/common.sh";
import nodeScript from "../boot/node.sh";
import { bootScript } from "../domain/boot-script.ts";
import { nodeGroupName, nodeTemplateName, parameterPath, roleName } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { ensureNodeGroup } from "../gateways/auto-scaling.ts";
import { ensureLaunchTemplate } from "../gateways/ec2/compute.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { networkOf, subnetIdOf } from "../usecases/network.ts";

const env = readEnv({ AWS_REGION: NonEmpty });

/** 128 GiB, as kops gives its nodes (kops-reference §a.2). */
const ROOT_VOLUME_GIB = 128;

/** One group a zone with its share of the nodes, all from one launch template. */
const addNodes = async ({ cluster: name }: StepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const owner = ownerOf(cluster);
  const { spec, plan, images } = cluster;
  if (plan.nodes.length === 0) return;
  if (!images) throw new Error(`the image of ${name} is not pinned`);
  const launchTemplateId = await ensureLaunchTemplate(owner, {
    name: nodeTemplateName(owner),
    resource: "launch-template/node",
    imageId: images.nodes,
    instanceType: spec.nodeSize,
    instanceProfile: roleName(owner, "nodes"),
    rootVolumeGiB: ROOT_VOLUME_GIB,
    userData: bootScript({ CLUSTER: name, REGION: env.AWS_REGION, PARAMETERS: parameterPath(owner) }, [
      commonScript,
      nodeScript,
    ]),
    network: { securityGroupIds: [networkOf(cluster).nodeGroupId, ...spec.nodeSecurityGroups] },
    tags: {},
  });
  await Promise.all(
    plan.nodes.map(({ zone, count, subnet }) =>
      ensureNodeGroup(owner, {
        name: nodeGroupName(owner, zone),
        resource: `group/nodes-${zone}`,
        launchTemplateId,
        subnetId: subnetIdOf(cluster, subnet),
        size: count,
      }),
    ),
  );
};

export const handler = stepHandler("Add nodes", table, StepInputSchema, addNodes);

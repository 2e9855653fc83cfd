import commonScript from "../boot/common.sh";
import masterScript from "../boot/master.sh";
import { bootScript } from "../domain/boot-script.ts";
import { NotReadyYet } from "../domain/errors.ts";
import { memberFiles, packFiles } from "../domain/host-files.ts";
import {
  masterGroupName,
  masterTemplateName,
  type Owner,
  parameterName,
  parameterPath,
  roleName,
  TAG,
} from "../domain/naming.ts";
import type { MemberPlan } from "../domain/plan-types.ts";
import { type ClusterRecord, ownerOf } from "../domain/records.ts";
import { kubernetesRelease } from "../domain/versions.ts";
import { ensureMasterGroup } from "../gateways/auto-scaling.ts";
import { ensureLaunchTemplate } from "../gateways/ec2/compute.ts";
import { ensureInterface, ensureVolume } from "../gateways/ec2/storage.ts";
import { ensureSecret, findParameter, putText } from "../gateways/parameters.ts";
import { Authorities, issueLeaf } from "../gateways/pki.ts";
import { getCluster, listMembers, updateMember } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { MemberStepInput, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { planOf } from "../usecases/members.ts";
import { endpointOf, networkOf, subnetIdOf } from "../usecases/network.ts";

const env = readEnv({ AWS_REGION: NonEmpty });

/** 64 GiB, as kops gives its masters (kops-reference §a.2). */
const ROOT_VOLUME_GIB = 64;
/** Long enough for boot, volume and etcd to catch up; the group replaces a master whose placing died after that. */
const LAUNCH_HEARTBEAT_SECONDS = 1_800;

/** All that outlives a master's instances: volume, interface, certificates; and the group that puts instances there. */
const prepareMember = async ({ cluster: name, member }: MemberStepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const owner = ownerOf(cluster);
  const plan = planOf(cluster, member);
  const known = (await listMembers(table, name)).find((record) => record.member === member);
  const generation = known?.generation ?? 1;

  const [volumeId, interfaceId] = await Promise.all([
    // A member that has had one keeps it: were it lost, a blank one in its place would be a repair's to explain to etcd.
    known?.volumeId ??
      ensureVolume(owner, { member, generation, zone: plan.zone, sizeGiB: cluster.spec.etcdVolumeGiB }),
    ensureInterface(owner, {
      member,
      subnetId: subnetIdOf(cluster, plan.subnet),
      address: plan.address,
      securityGroupIds: [networkOf(cluster).masterGroupId, ...cluster.spec.masterSecurityGroups],
    }),
    ensureMemberCertificates(cluster, owner, plan),
  ]);
  if (known?.volumeId !== volumeId) {
    await putText(
      owner,
      `parameter/${member}-volume`,
      parameterName.volume(owner, member),
      `${volumeId} ${generation} new`,
    );
  }
  await updateMember(table, name, member, { volumeId, interfaceId, generation });

  const launchTemplateId = await ensureLaunchTemplate(owner, {
    name: masterTemplateName(owner, member),
    resource: `launch-template/master-${member}`,
    imageId: imageOf(cluster),
    instanceType: cluster.spec.masterSize,
    instanceProfile: roleName(owner, "masters"),
    rootVolumeGiB: ROOT_VOLUME_GIB,
    userData: masterBootScript(cluster, owner, plan),
    network: { interfaceId },
    tags: { [TAG.member]: member },
  });
  await ensureMasterGroup(owner, {
    name: masterGroupName(owner, member),
    resource: `group/master-${member}`,
    launchTemplateId,
    zone: plan.zone,
    heartbeatSeconds: LAUNCH_HEARTBEAT_SECONDS,
  });
};

const imageOf = (cluster: ClusterRecord): string => {
  if (!cluster.images) throw new Error(`the image of ${cluster.name} is not pinned`);
  return cluster.images.masters;
};

/** Issued once a member; whoever prepares it a second time finds them. */
const ensureMemberCertificates = async (cluster: ClusterRecord, owner: Owner, plan: MemberPlan): Promise<void> => {
  await ensureSecret(owner, `parameter/${plan.name}`, parameterName.member(owner, plan.name), async () => {
    const kept = await findParameter(parameterName.authorities(owner));
    if (kept === undefined) throw new NotReadyYet(`the certificate authorities of ${cluster.name} are not there yet`);
    const { etcd } = Authorities.parse(JSON.parse(kept));
    const now = new Date();
    const [server, client] = await Promise.all([
      issueLeaf(
        etcd,
        {
          commonName: `${plan.name}.masters.${cluster.name}`.slice(-64),
          // The JSON gateway dials its own server with this certificate, so it is a client too (feasibility-hosts §1).
          usages: ["server", "client"],
          addresses: [plan.address, "127.0.0.1"],
          names: ["localhost"],
        },
        now,
      ),
      issueLeaf(etcd, { commonName: "kube-apiserver-etcd-client", usages: ["client"] }, now),
    ]);
    return packFiles(memberFiles(server, client));
  });
};

const masterBootScript = (cluster: ClusterRecord, owner: Owner, plan: MemberPlan): string => {
  const { members, network } = cluster.plan;
  return bootScript(
    {
      CLUSTER: cluster.name,
      CLUSTER_UID: cluster.uid,
      TABLE: table.name,
      REGION: env.AWS_REGION,
      PARAMETERS: parameterPath(owner),
      MEMBER: plan.name,
      ADDRESS: plan.address,
      INITIAL_CLUSTER: members.map(({ name, address }) => `${name}=https://${address}:2380`).join(","),
      ETCD_ENDPOINTS: members.map(({ address }) => `"https://${address}:2379"`).join(", "),
      ENDPOINT: endpointOf(cluster).host,
      KUBERNETES_VERSION: kubernetesRelease(cluster.spec.kubernetesVersion),
      POD_CIDR: network.pods,
      SERVICE_CIDR: network.services,
    },
    [commonScript, masterScript],
  );
};

export const handler = stepHandler("Prepare member", table, MemberStepInput, prepareMember);

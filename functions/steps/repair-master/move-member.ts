import { isUsable, listGroupInstances, setGroupZone } from "../../aws/auto-scaling/auto-scaling.ts";
import { readdressTemplate } from "../../aws/ec2/compute.ts";
import { nextVolume } from "../../aws/ec2/storage.ts";
import { replaceTarget } from "../../aws/load-balancing/load-balancing.ts";
import { tagsOfTargetGroup } from "../../aws/load-balancing/removal.ts";
import { putText } from "../../aws/ssm/parameters.ts";
import { MemberStranded } from "../../domain/cluster/errors.ts";
import { masterGroupName, masterTemplateName, parameterName } from "../../domain/cluster/naming.ts";
import { endpointOf, networkOf, subnetIdOf } from "../../domain/cluster/recorded-network.ts";
import {
  type Begun,
  type ClusterRecord,
  type MemberRecord,
  type MoveRecord,
  openMoveOf,
  ownerOf,
} from "../../domain/cluster/records.ts";
import { addressVariables, withVariables } from "../../domain/host/boot-script.ts";
import { claimantOf, Owned } from "../../domain/ownership/ownership.ts";
import type { Plan } from "../../domain/plan/plan-types.ts";
import { homeSubnet } from "../../domain/plan/subnets.ts";
import { peerUrlOf } from "../../domain/repair/member-list.ts";
import { judgeMove, withMember } from "../../domain/repair/zone-move.ts";
import { renewCertificates } from "../../pki/certificates.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, listMembers, updateCluster, updateMember } from "../../store/clusters.ts";
import { type Asking, chooseMaster, runDocument, SHORT_COMMAND_MS } from "../../usecases/members/host-command.ts";
import { ensurePlace } from "../../usecases/members/member-place.ts";
import { planOf, recordOf } from "../../usecases/members/members.ts";
import { formerIdOf } from "../../usecases/members/membership.ts";
import { tellEvent } from "../../usecases/operations/story.ts";

const STEP = "Move member";
const env = readEnv({ LIST_MEMBERS_DOCUMENT: NonEmpty, RENEW_MEMBER_DOCUMENT: NonEmpty });

/**
 * A member's zone launches nothing: takes it out of etcd and puts it back as a learner in another zone, with a volume, an
 * interface and an address of there. Where to and whom to take out are written down first, and its record is of its new
 * zone last, so that a second run goes on with the same move. Throws MemberStranded when there is no reason to move any more.
 */
const moveMember = async ({ cluster: name, operation, member }: MemberStepInput, begun: Begun): Promise<void> => {
  const asking = { operation, step: STEP, member, begun };
  const cluster = await getCluster(table, name);
  const owner = ownerOf(cluster);
  const helper = await chooseMaster(table, name, begun, SHORT_COMMAND_MS, member);
  const before = await recordOf(table, name, member);
  const renewal = await decideMove(cluster, before, asking, helper);
  const { formerId, generation, move } = renewal;

  const [volumeId, { interfaceId, address, addressId }] = await Promise.all([
    nextVolume(owner, { member, generation, zone: move.to, sizeGiB: cluster.spec.etcdVolumeGiB }, renewal.volumeId),
    ensurePlace(
      cluster,
      owner,
      {
        member,
        home: generation,
        subnetId: subnetIdOf(cluster, homeSubnet(cluster.plan.subnets, move.to).name),
        address: undefined,
        securityGroupIds: [networkOf(cluster).masterGroupId, ...cluster.spec.masterSecurityGroups],
      },
      { recorded: null, former: before.interfaceId },
    ),
  ]);
  if (renewal.volumeId !== volumeId) await updateMember(table, name, member, { renewal: { ...renewal, volumeId } });
  const plan = withMember(cluster.spec, cluster.plan, { name: member, zone: move.to, address });
  await updateCluster(table, name, operation, { plan }, new Date());
  const moved = { ...cluster, plan };
  await renewCertificates(owner, planOf(moved, member));
  const volume = `${volumeId} ${generation} new`;
  await putText(owner, `parameter/${member}-volume`, parameterName.volume(owner, member), volume);
  await runDocument(table, asking, helper, env.RENEW_MEMBER_DOCUMENT, {
    formerId,
    name: member,
    peerUrl: peerUrlOf(address),
  });
  await redirectLaunches(moved, member, interfaceId);
  await replaceTarget(await permitTargets(cluster), move.formerAddress, address);

  const left = { zone: move.from, volumeId: before.volumeId, interfaceId: before.interfaceId, retryAt: 0 };
  const waiting = await groupInstance(cluster, member);
  await updateMember(table, name, member, {
    volumeId,
    interfaceId,
    generation,
    ...(addressId === undefined ? {} : { addressId }),
    home: generation,
    stranded: null,
    remains: [...(before.remains ?? []), left],
    // One that its group launched in the former zone meanwhile is the one to be ended next.
    ...(waiting === undefined ? {} : { instanceId: waiting }),
  });
  const message =
    `Member ${member} moved from ${move.from} to ${move.to}: ${address} in the place of ${move.formerAddress}, ` +
    `with the fresh volume ${volumeId}. It learns its data from the others.`;
  await tellEvent(table, name, { time: new Date().toISOString(), type: "member-moved", message, member, operation });
};

const permitTargets = async (cluster: ClusterRecord): Promise<Owned<"target-group">> => {
  const id = endpointOf(cluster).targetGroupArn;
  return Owned.require(claimantOf(cluster), { kind: "target-group", id, tags: await tagsOfTargetGroup(id) });
};

const decideMove = async (
  cluster: ClusterRecord,
  record: MemberRecord,
  asking: Asking,
  helper: string,
): Promise<MoveRecord> => {
  const { member } = record;
  const open = openMoveOf(record);
  if (open) return open;
  const judged = judgeMove(cluster, await listMembers(table, cluster.name), member, Date.now());
  if (judged.kind !== "move") throw new MemberStranded(`${member} has no reason to move`);
  const instance = await groupInstance(cluster, member);
  if (instance !== undefined) throw new MemberStranded(`${instance} was launched for ${member} after all`);
  const { zone: from, address: formerAddress } = planOf(cluster, member);
  const formerId = await formerIdOf(
    table,
    asking,
    { document: env.LIST_MEMBERS_DOCUMENT, helper, peerUrl: peerUrlOf(formerAddress) },
    record,
  );
  const move = { from, to: judged.zone, formerAddress };
  // A volume of a renewal that was not carried out is in the former zone.
  const generation = Math.max(record.generation, record.renewal?.generation ?? 0) + 1;
  const renewal = { formerId, generation, since: Date.now(), move };
  await updateMember(table, cluster.name, member, { renewal });
  return renewal;
};

/**
 * What is launched from now on: this member at its new address, in its new zone; and every other master with a list of members
 * that has it. Without that, an etcd that is added anew would not recognise the cluster, and an API server would ask at the former
 * address. Those that run have the former list until they are replaced.
 */
const redirectLaunches = async (cluster: ClusterRecord, member: string, interfaceId: string): Promise<void> => {
  const owner = ownerOf(cluster);
  const lists = addressVariables(cluster.plan.members);
  const readdress = ({ name, address }: Plan["members"][number]) =>
    readdressTemplate(
      owner,
      masterTemplateName(owner, name),
      (userData) => withVariables(userData, { ...lists, ADDRESS: address }),
      name === member ? interfaceId : undefined,
    );
  await Promise.all(cluster.plan.members.map(readdress));
  await setGroupZone(masterGroupName(owner, member), planOf(cluster, member).zone);
};

const groupInstance = async (cluster: ClusterRecord, member: string): Promise<string | undefined> => {
  const group = masterGroupName(ownerOf(cluster), member);
  return (await listGroupInstances([group])).get(group)?.find(isUsable)?.instanceId;
};

export const handler = stepHandler(STEP, table, MemberStepInput, moveMember);

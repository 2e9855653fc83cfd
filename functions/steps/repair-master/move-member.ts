import { isUsable, listGroupInstances, setGroupZone } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { readdressTemplate } from "../../aws/ec2/launch-templates.ts";
import { nextVolume } from "../../aws/ec2/storage.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { replaceTarget } from "../../aws/load-balancing/load-balancing.ts";
import { tagsOfTargetGroup } from "../../aws/load-balancing/removal.ts";
import { ssm } from "../../aws/ssm/client.ts";
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
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import type { Plan } from "../../domain/plan/plan-types.ts";
import { homeSubnet } from "../../domain/plan/subnets.ts";
import { peerUrlOf } from "../../domain/repair/member-list.ts";
import { evaluateMove, withMember } from "../../domain/repair/zone-move.ts";
import { certificatesCalls, renewCertificates } from "../../pki/certificates.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import {
  type Asking,
  chooseMaster,
  hostCommandCalls,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../usecases/members/host-command.ts";
import { ensurePlace, memberPlaceCalls } from "../../usecases/members/member-place.ts";
import { planOf, recordOf } from "../../usecases/members/members.ts";
import { formerIdOf, membershipCalls } from "../../usecases/members/membership.ts";
import { recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = {
  ...hostCommandCalls,
  ...memberPlaceCalls,
  ...certificatesCalls,
  ...recordEventCalls,
  ...membershipCalls,
  ...bind(ec2, { nextVolume, readdressTemplate }),
  ...bind(ssm, { putText }),
  ...bind(elb, { replaceTarget, tagsOfTargetGroup }),
  ...bind(autoScaling, { setGroupZone, listGroupInstances }),
};

const STEP = "Move member";
const ENV = { LIST_MEMBERS_DOCUMENT: NonEmpty, RENEW_MEMBER_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * A member's zone launches nothing: takes it out of etcd and puts it back as a learner in another zone, with a volume,
 * an interface and an address of there. Where to and whom to take out are written down first, and its record is of its
 * new zone last, so that a second run continues with the same move. Throws MemberStranded when there is no reason to
 * move any more.
 */
export async function moveMember(
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepRequest,
  begun: Begun,
): Promise<void> {
  const asking = { operation, step: STEP, member, begun };
  const cluster = await deps.store.getCluster(name);
  const owner = ownerOf(cluster);
  const before = await recordOf(deps, name, member);
  // A former run has moved it, and died before it could say so.
  if (before.renewal?.move && !openMoveOf(before) && !before.stranded)
    return recordMoved(deps, cluster, operation, before);
  const helper = await chooseMaster(deps, name, begun, SHORT_COMMAND_MS, member);
  const renewal = await decideMove(deps, cluster, before, asking, helper);
  const { formerId, generation, move } = renewal;

  const [volumeId, { interfaceId, address, addressId }] = await Promise.all([
    deps.aws.nextVolume(
      owner,
      { member, generation, zone: move.to, sizeGiB: cluster.spec.etcdVolumeGiB },
      renewal.volumeId,
    ),
    ensurePlace(
      deps,
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
  if (renewal.volumeId !== volumeId) await deps.store.updateMember(name, member, { renewal: { ...renewal, volumeId } });
  const plan = withMember(cluster.spec, cluster.plan, { name: member, zone: move.to, address });
  await deps.store.updateCluster(name, operation, { plan }, deps.clock.now());
  const moved = { ...cluster, plan };
  await renewCertificates(deps, owner, planOf(moved, member));
  const volume = `${volumeId} ${generation} new`;
  await deps.aws.putText(owner, `parameter/${member}-volume`, parameterName.volume(owner, member), volume);
  await runDocument(deps, asking, helper, deps.env.RENEW_MEMBER_DOCUMENT, {
    formerId,
    name: member,
    peerUrl: peerUrlOf(address),
  });
  await redirectLaunches(deps, moved, member, interfaceId);
  await deps.aws.replaceTarget(await permitTargets(deps, cluster), move.formerAddress, address);

  const left = { zone: move.from, volumeId: before.volumeId, interfaceId: before.interfaceId, retryAt: 0 };
  const waiting = await groupInstance(deps, cluster, member);
  const after = await deps.store.updateMember(name, member, {
    volumeId,
    interfaceId,
    generation,
    ...(addressId === undefined ? {} : { addressId }),
    home: generation,
    stranded: null,
    formerResources: [...(before.formerResources ?? []), left],
    // One that its group launched in the former zone meanwhile is the one to be ended next.
    ...(waiting === undefined ? {} : { instanceId: waiting }),
  });
  await recordMoved(deps, moved, operation, after);
}

async function recordMoved(
  deps: Collaborators,
  cluster: ClusterRecord,
  operation: string,
  { member, volumeId, renewal }: MemberRecord,
): Promise<void> {
  const { from, to, formerAddress } = renewal?.move ?? {};
  const message =
    `Member ${member} moved from ${from} to ${to}: ${planOf(cluster, member).address} in the place of ${formerAddress}, ` +
    `with the fresh volume ${volumeId}. It learns its data from the others.`;
  const time = deps.clock.now().toISOString();
  await recordEvent(deps, cluster.name, { time, type: "member-moved", message, member, operation });
}

async function permitTargets(deps: Collaborators, cluster: ClusterRecord): Promise<Owned<"target-group">> {
  const id = endpointOf(cluster).targetGroupArn;
  return Owned.require(owningClusterOf(cluster), {
    kind: "target-group",
    id,
    tags: await deps.aws.tagsOfTargetGroup(id),
  });
}

async function decideMove(
  deps: Collaborators,
  cluster: ClusterRecord,
  record: MemberRecord,
  asking: Asking,
  helper: string,
): Promise<MoveRecord> {
  const { member } = record;
  const open = openMoveOf(record);
  if (open) return open;
  const evaluated = evaluateMove(
    cluster,
    await deps.store.listMembers(cluster.name),
    member,
    deps.clock.now().getTime(),
  );
  if (evaluated.kind !== "move") throw new MemberStranded(`${member} has no reason to move`);
  const instance = await groupInstance(deps, cluster, member);
  if (instance !== undefined) throw new MemberStranded(`${instance} was launched for ${member} after all`);
  const { zone: from, address: formerAddress } = planOf(cluster, member);
  const formerId = await formerIdOf(
    deps,
    asking,
    { document: deps.env.LIST_MEMBERS_DOCUMENT, helper, peerUrl: peerUrlOf(formerAddress) },
    record,
  );
  const move = { from, to: evaluated.zone, formerAddress };
  // A volume of a renewal that was not executed is in the former zone.
  const generation = Math.max(record.generation, record.renewal?.generation ?? 0) + 1;
  const renewal = { formerId, generation, since: deps.clock.now().getTime(), move };
  await deps.store.updateMember(cluster.name, member, { renewal });
  return renewal;
}

/**
 * What is launched from now on: this member at its new address, in its new zone; and every other master with a list of
 * members that has it. Without that, an etcd that is added again would not recognise the cluster, and an API server
 * would ask at the former address. Those that run have the former list until they are replaced.
 */
async function redirectLaunches(
  deps: Collaborators,
  cluster: ClusterRecord,
  member: string,
  interfaceId: string,
): Promise<void> {
  const owner = ownerOf(cluster);
  const lists = addressVariables(cluster.plan.members);
  const readdress = ({ name, address }: Plan["members"][number]) =>
    deps.aws.readdressTemplate(
      owner,
      masterTemplateName(owner, name),
      (userData) => withVariables(userData, { ...lists, ADDRESS: address }),
      name === member ? interfaceId : undefined,
    );
  await Promise.all(cluster.plan.members.map(readdress));
  await deps.aws.setGroupZone(masterGroupName(owner, member), planOf(cluster, member).zone);
}

async function groupInstance(deps: Collaborators, cluster: ClusterRecord, member: string): Promise<string | undefined> {
  const group = masterGroupName(ownerOf(cluster), member);
  return (await deps.aws.listGroupInstances([group])).get(group)?.find(isUsable)?.instanceId;
}

export const handler = stepHandler(STEP, MemberStepInput, moveMember, collaborators(calls, ENV));

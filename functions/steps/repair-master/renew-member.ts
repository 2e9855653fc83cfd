import { isUsable, listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { nextVolume, tagDamaged } from "../../aws/ec2/storage.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { putText } from "../../aws/ssm/parameters.ts";
import { masterGroupName, parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, type MemberRecord, ownerOf, type RenewalRecord } from "../../domain/cluster/records.ts";
import { peerUrlOf } from "../../domain/repair/member-list.ts";
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
import { planOf, recordOf } from "../../usecases/members/members.ts";
import { formerIdOf, membershipCalls } from "../../usecases/members/membership.ts";

const calls = {
  ...hostCommandCalls,
  ...membershipCalls,
  ...bind(ec2, { tagDamaged, nextVolume }),
  ...bind(ssm, { putText }),
  ...bind(autoScaling, { listGroupInstances }),
};

const STEP = "Renew member";
const ENV = { LIST_MEMBERS_DOCUMENT: NonEmpty, RENEW_MEMBER_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * A member's data is lost: removes it from etcd and adds it as a learner with a new volume of the next generation.
 * Name, address and certificates stay. The id to remove is recorded first, so that a second run removes no other
 * member.
 */
export async function renewMember(
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepRequest,
  begun: Begun,
): Promise<void> {
  const asking = { operation, step: STEP, member, begun };
  const cluster = await deps.store.getCluster(name);
  const owner = ownerOf(cluster);
  const plan = planOf(cluster, member);
  const helper = await chooseMaster(deps, name, begun, SHORT_COMMAND_MS, member);
  const before = await recordOf(deps, name, member);
  const renewal = await decideRenewal(deps, name, before, asking, { helper, peerUrl: peerUrlOf(plan.address) });

  if (before.damage && before.damage.volumeId === before.volumeId) await deps.aws.tagDamaged(before.damage.volumeId);
  const { generation } = renewal;
  const request = { member, generation, zone: plan.zone, sizeGiB: cluster.spec.etcdVolumeGiB };
  const volumeId = await deps.aws.nextVolume(owner, request, renewal.volumeId);
  if (renewal.volumeId !== volumeId) await deps.store.updateMember(name, member, { renewal: { ...renewal, volumeId } });
  await runDocument(deps, asking, helper, deps.env.RENEW_MEMBER_DOCUMENT, {
    formerId: renewal.formerId,
    name: member,
    peerUrl: peerUrlOf(plan.address),
  });
  const volume = `${volumeId} ${generation} new`;
  await deps.aws.putText(owner, `parameter/${member}-volume`, parameterName.volume(owner, member), volume);
  const waiting = await waitingInstance(deps, masterGroupName(owner, member));
  const toEnd = waiting === undefined ? {} : { instanceId: waiting };
  await deps.store.updateMember(name, member, { volumeId, generation, ...toEnd });
}

/**
 * The current instance of the member's group. It may be newer than the recorded one; then it waits for the lost volume
 * and must be terminated next.
 */
async function waitingInstance(deps: Collaborators, group: string): Promise<string | undefined> {
  return (await deps.aws.listGroupInstances([group])).get(group)?.find(isUsable)?.instanceId;
}

async function decideRenewal(
  deps: Collaborators,
  cluster: string,
  record: MemberRecord,
  asking: Asking,
  etcd: { readonly helper: string; readonly peerUrl: string },
): Promise<RenewalRecord> {
  if (record.renewal) return record.renewal;
  const formerId = await formerIdOf(deps, asking, { document: deps.env.LIST_MEMBERS_DOCUMENT, ...etcd }, record);
  const renewal = { formerId, generation: record.generation + 1, since: deps.clock.now().getTime() };
  await deps.store.updateMember(cluster, record.member, { renewal });
  return renewal;
}

export const handler = stepHandler(STEP, MemberStepInput, renewMember, collaborators(calls, ENV));

import { isUsable, listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { nextVolume, tagDamaged } from "../../aws/ec2/storage.ts";
import { putText } from "../../aws/ssm/parameters.ts";
import { masterGroupName, parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, type MemberRecord, ownerOf, type RenewalRecord } from "../../domain/cluster/records.ts";
import { peerUrlOf } from "../../domain/repair/member-list.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, updateMember } from "../../store/clusters.ts";
import { type Asking, chooseMaster, runDocument, SHORT_COMMAND_MS } from "../../usecases/members/host-command.ts";
import { planOf, recordOf } from "../../usecases/members/members.ts";
import { formerIdOf } from "../../usecases/members/membership.ts";

const STEP = "Renew member";
const env = readEnv({ LIST_MEMBERS_DOCUMENT: NonEmpty, RENEW_MEMBER_DOCUMENT: NonEmpty });

/**
 * A member's data is lost: takes it out of etcd and puts it back as a learner, with a fresh volume of the next generation.
 * Name, address and certificates stay. Whom to take out is written down first, so that a second run takes out nobody else.
 */
const renewMember = async ({ cluster: name, operation, member }: MemberStepInput, begun: Begun): Promise<void> => {
  const asking = { operation, step: STEP, member, begun };
  const cluster = await getCluster(table, name);
  const owner = ownerOf(cluster);
  const plan = planOf(cluster, member);
  const helper = await chooseMaster(table, name, begun, SHORT_COMMAND_MS, member);
  const before = await recordOf(table, name, member);
  const renewal = await decideRenewal(name, before, asking, { helper, peerUrl: peerUrlOf(plan.address) });

  if (before.damage && before.damage.volumeId === before.volumeId) await tagDamaged(before.damage.volumeId);
  const { generation } = renewal;
  const want = { member, generation, zone: plan.zone, sizeGiB: cluster.spec.etcdVolumeGiB };
  const volumeId = await nextVolume(owner, want, renewal.volumeId);
  if (renewal.volumeId !== volumeId) await updateMember(table, name, member, { renewal: { ...renewal, volumeId } });
  await runDocument(table, asking, helper, env.RENEW_MEMBER_DOCUMENT, {
    formerId: renewal.formerId,
    name: member,
    peerUrl: peerUrlOf(plan.address),
  });
  const volume = `${volumeId} ${generation} new`;
  await putText(owner, `parameter/${member}-volume`, parameterName.volume(owner, member), volume);
  const waiting = await waitingInstance(masterGroupName(owner, member));
  const toEnd = waiting === undefined ? {} : { instanceId: waiting };
  await updateMember(table, name, member, { volumeId, generation, ...toEnd });
};

/**
 * The instance that the member's group has now. It may be newer than the one on record: then it was told of the volume that
 * is lost and waits for it, so it is the one to be ended next.
 */
const waitingInstance = async (group: string): Promise<string | undefined> =>
  (await listGroupInstances([group])).get(group)?.find(isUsable)?.instanceId;

const decideRenewal = async (
  cluster: string,
  record: MemberRecord,
  asking: Asking,
  etcd: { readonly helper: string; readonly peerUrl: string },
): Promise<RenewalRecord> => {
  if (record.renewal) return record.renewal;
  const formerId = await formerIdOf(table, asking, { document: env.LIST_MEMBERS_DOCUMENT, ...etcd }, record);
  const renewal = { formerId, generation: record.generation + 1, since: Date.now() };
  await updateMember(table, cluster, record.member, { renewal });
  return renewal;
};

export const handler = stepHandler(STEP, table, MemberStepInput, renewMember);

import { peerUrlOf } from "../domain/member-list.ts";
import { getCluster, updateMember } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { MemberStepInput, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { anyHealthyMaster, planOf, tell } from "../usecases/members.ts";
import { tellEvent } from "../usecases/story.ts";

const env = readEnv({ PROMOTE_MEMBER_DOCUMENT: NonEmpty });

/** Makes the learner a voter; etcd refuses until it has caught up, and then this waits. */
const promoteMember = async ({ cluster: name, operation, member }: MemberStepInput): Promise<void> => {
  const plan = planOf(await getCluster(table, name), member);
  const helper = await anyHealthyMaster(table, name, member);
  await tell(env.PROMOTE_MEMBER_DOCUMENT, helper, { peerUrl: peerUrlOf(plan.address) });
  await updateMember(table, name, member, { renewal: null });
  await tellEvent(table, name, {
    time: new Date().toISOString(),
    type: "member-promoted",
    message: `Member ${member} has caught up with its fresh volume and votes again.`,
    member,
    operation,
  });
};

export const handler = stepHandler("Promote member", table, MemberStepInput, promoteMember);

import { kubernetesUser } from "../domain/access/caller.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import type { KubeconfigView } from "../domain/api/views.ts";
import { BadRequest, ClusterUnknown, NotReadyYet } from "../domain/cluster/errors.ts";
import { apiHostOf, ownerOf } from "../domain/cluster/records.ts";
import { certificatesCalls, readAuthorities } from "../pki/certificates.ts";
import { issueClient, UnusableRequest } from "../pki/pki.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { getCluster } from "../store/clusters.ts";
import { recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";

const deps = { ...system, aws: { ...certificatesCalls, ...recordEventCalls } };

/**
 * The group that kubeadm binds to `cluster-admin`; unlike `system:masters` it can be taken back by deleting that
 * binding.
 */
const ADMINISTRATORS = "kubeadm:cluster-admins";

/**
 * `POST /clusters/{name}/kubeconfig`: signs the caller's key for some hours. Kubernetes' audit log then names the
 * caller, and the event history records who asked and until when.
 */
export const handler = apiHandler(REQUESTS.issueKubeconfig, async ({ path: { name }, body, by }) => {
  const cluster = await getCluster(table, name);
  if (cluster.status === "DELETED") throw new ClusterUnknown(`there is no cluster ${name}`);
  if (!cluster.endpoint) throw new NotReadyYet(`${name} has no endpoint yet`);
  const authorities = await readAuthorities(deps, ownerOf(cluster));
  const now = new Date();
  const user = kubernetesUser(by.principal);
  const { certificate, expiresAt } = await issueClient(
    authorities.kubernetes,
    { request: body.certificateRequest, commonName: user, organization: ADMINISTRATORS, minutes: body.minutes },
    now,
  ).catch((error: unknown) => {
    if (error instanceof UnusableRequest) throw new BadRequest(`certificateRequest: ${error.message}`);
    throw error;
  });
  const until = expiresAt.toISOString();
  await recordEvent(deps, name, {
    time: now.toISOString(),
    type: "kubeconfig-issued",
    message: `A certificate for an administrator of the cluster was issued to ${user}, good until ${until}.`,
    member: null,
    operation: null,
    by,
  });
  const answer: KubeconfigView = {
    cluster: name,
    server: `https://${apiHostOf(cluster.endpoint)}`,
    certificateAuthority: authorities.kubernetes.certificate,
    certificate,
    user,
    expiresAt: until,
  };
  return { status: 200, body: answer };
});

import { ec2 } from "../aws/ec2/client.ts";
import { findJoiningInstance } from "../aws/ec2/joining-instance.ts";
import type { KubeconfigView } from "../domain/api/views.ts";
import { NodeKeyTaken, NotAllowed, NotReadyYet } from "../domain/cluster/errors.ts";
import { endpointOf } from "../domain/cluster/recorded-network.ts";
import { type ClusterRecord, ownerOf } from "../domain/cluster/records.ts";
import {
  asksForNode,
  NODE_CERTIFICATE_MINUTES,
  nodeSession,
  nodeSubject,
  type Place,
  takesNodes,
  whyNoNode,
} from "../domain/host/joining.ts";
import { bind } from "../runtime/bind.ts";
import type { Deps } from "../runtime/collaborators.ts";
import { certificatesCalls, readAuthorities } from "./certificates.ts";
import { issueClient, readRequest } from "./pki.ts";

export const certifyNodeCalls = { ...certificatesCalls, ...bind(ec2, { findJoiningInstance }) };

type Collaborators = Deps<typeof certifyNodeCalls>;

export interface NodeRequest {
  readonly cluster: string;
  readonly instanceId: string;
  /** The caller, as API Gateway's IAM authorizer names it. */
  readonly caller: string;
  /** PKCS#10 in PEM. */
  readonly certificateRequest: string;
}

/**
 * A certificate by which an instance joins as the node of its own name. Throws NotAllowed for everybody but that instance,
 * and NodeKeyTaken for a second key of it.
 */
export async function certifyNode(deps: Collaborators, place: Place, asked: NodeRequest): Promise<KubeconfigView> {
  const { instanceId } = asked;
  const cluster = await clusterOf(deps, place, asked);
  const owner = ownerOf(cluster);
  const request = await readRequest(asked.certificateRequest);
  const subject = nodeSubject(instanceId);
  if (!asksForNode(request, instanceId))
    throw new NotAllowed(`the certificate request must be for O=${subject.organization}, CN=${subject.commonName}`);
  const instance = await deps.aws.findJoiningInstance(instanceId);
  if (!instance) throw new NotReadyYet(`EC2 does not show ${instanceId} yet`);
  const why = whyNoNode(instance, cluster, owner, place);
  if (why !== undefined) throw new NotAllowed(`${instanceId} is no node of ${cluster.name}: it ${why}`);
  const [authorities, { host }] = [await readAuthorities(deps, owner), endpointOf(cluster)];
  const now = deps.clock.now();
  if (!(await deps.store.claimNodeKey({ uid: cluster.uid, instanceId, keyHash: request.keyHash }, now)))
    throw new NodeKeyTaken(`another key was certified for ${instanceId} before`);
  const { certificate, expiresAt } = await issueClient(
    authorities.kubernetes,
    { request: asked.certificateRequest, ...subject, minutes: NODE_CERTIFICATE_MINUTES },
    now,
  );
  return {
    cluster: cluster.name,
    server: `https://${host}`,
    certificateAuthority: authorities.kubernetes.certificate,
    certificate,
    user: subject.commonName,
    expiresAt: expiresAt.toISOString(),
  };
}

/** The same refusal, whether there is no such cluster or the caller is not its node: nobody else learns which there are. */
async function clusterOf(deps: Collaborators, place: Place, asked: NodeRequest): Promise<ClusterRecord> {
  const cluster = await deps.store.findCluster(asked.cluster);
  if (!cluster || nodeSession(ownerOf(cluster), place, asked.instanceId) !== asked.caller)
    throw new NotAllowed(`${asked.caller} is not the node ${asked.instanceId} of ${asked.cluster}`);
  if (!takesNodes(cluster)) throw new NotAllowed(`${asked.cluster} is being deleted and takes no nodes`);
  return cluster;
}

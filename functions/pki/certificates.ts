import { ssm } from "../aws/ssm/client.ts";
import { ensureSecret, findParameter, putSecret } from "../aws/ssm/parameters.ts";
import { NotReadyYet } from "../domain/cluster/errors.ts";
import { type Owner, parameterName } from "../domain/cluster/naming.ts";
import { areFresh } from "../domain/host/certificates.ts";
import { memberFiles, packFiles } from "../domain/host/host-files.ts";
import type { MemberPlan } from "../domain/plan/plan-types.ts";
import { bind } from "../runtime/bind.ts";
import type { Deps } from "../runtime/collaborators.ts";
import { Authorities, firstExpiry, issueLeaf } from "./pki.ts";

export const certificatesCalls = { ...bind(ssm, { ensureSecret, putSecret, findParameter }) };

type Collaborators = Deps<typeof certificatesCalls>;

/**
 * Certificates of members, issued once each; whoever asks a second time finds them. `known` are the cluster's
 * authorities, if the caller has them at hand.
 */
export async function ensureCertificates(
  deps: Collaborators,
  owner: Owner,
  members: readonly MemberPlan[],
  known?: Authorities,
): Promise<void> {
  await Promise.all(
    members.map((member) =>
      deps.aws.ensureSecret(owner, resourceOf(member), parameterName.member(owner, member.name), async () =>
        issue(deps, owner, member, known ?? (await readAuthorities(deps, owner))),
      ),
    ),
  );
}

/** Certificates for a member whose address is another; those for the former one are forgotten. */
export async function renewCertificates(deps: Collaborators, owner: Owner, member: MemberPlan): Promise<void> {
  const files = await issue(deps, owner, member, await readAuthorities(deps, owner));
  await deps.aws.putSecret(owner, resourceOf(member), parameterName.member(owner, member.name), files);
}

function resourceOf({ name }: MemberPlan): string {
  return `parameter/${name}`;
}

/** New certificates for a member's next instance, unless those that it has are fresh. */
export async function refreshCertificates(deps: Collaborators, owner: Owner, member: MemberPlan): Promise<void> {
  const kept = await deps.aws.findParameter(parameterName.member(owner, member.name));
  const until = kept === undefined ? undefined : firstExpiry(kept);
  if (kept === undefined || (until && areFresh(until, deps.clock.now()))) return;
  await renewCertificates(deps, owner, member);
}

/** Every authority of a cluster. Throws NotReadyYet while its creation has not made them. */
export async function readAuthorities(deps: Collaborators, owner: Owner): Promise<Authorities> {
  const kept = await deps.aws.findParameter(parameterName.authorities(owner));
  if (kept === undefined) throw new NotReadyYet(`the certificate authorities of ${owner.cluster} are not there yet`);
  return Authorities.parse(JSON.parse(kept));
}

async function issue(
  deps: Collaborators,
  owner: Owner,
  { name, address }: MemberPlan,
  { etcd }: Authorities,
): Promise<string> {
  const now = deps.clock.now();
  const [server, client] = await Promise.all([
    issueLeaf(
      etcd,
      {
        commonName: `${name}.masters.${owner.cluster}`.slice(-64),
        // The JSON gateway dials its own server with this certificate, so it is a client too
        // (docs/references/local-hosts.md#etcd-gateway).
        usages: ["server", "client"],
        addresses: [address, "127.0.0.1"],
        names: ["localhost"],
      },
      now,
    ),
    issueLeaf(etcd, { commonName: "kube-apiserver-etcd-client", usages: ["client"] }, now),
  ]);
  return packFiles(memberFiles(server, client));
}

import { ssm } from "../../aws/ssm/client.ts";
import { ensureSecret } from "../../aws/ssm/parameters.ts";
import { parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, ownerIn } from "../../domain/cluster/records.ts";
import { packFiles, sharedMasterFiles } from "../../domain/host/host-files.ts";
import { certificatesCalls, ensureCertificates } from "../../pki/certificates.ts";
import { Authorities, issueAuthorities } from "../../pki/pki.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = { ...certificatesCalls, ...bind(ssm, { ensureSecret }) };

type Collaborators = Deps<typeof calls>;

/**
 * The cluster's certificate authorities, all of them where functions alone may read; what masters need, and each its
 * own, where masters may.
 */
export async function issuePki(deps: Collaborators, { cluster: name }: StepRequest, begun: Begun): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const owner = ownerIn(cluster, begun);
  const kept = await deps.aws.ensureSecret(owner, "parameter/authorities", parameterName.authorities(owner), async () =>
    JSON.stringify(await issueAuthorities(deps.clock.now())),
  );
  const authorities = Authorities.parse(JSON.parse(kept));
  await Promise.all([
    deps.aws.ensureSecret(owner, "parameter/masters-shared", parameterName.masters(owner), async () =>
      packFiles(sharedMasterFiles(authorities)),
    ),
    ensureCertificates(deps, owner, cluster.plan.members, authorities),
  ]);
}

export const handler = stepHandler("Issue PKI", StepInput, issuePki, collaborators(calls));

import { ensureSecret } from "../../aws/ssm/parameters.ts";
import { parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, ownerIn } from "../../domain/cluster/records.ts";
import { packFiles, sharedMasterFiles } from "../../domain/host/host-files.ts";
import { ensureCertificates } from "../../pki/certificates.ts";
import { Authorities, issueAuthorities } from "../../pki/pki.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";

/** The cluster's certificate authorities, all of them where functions alone may read; what masters need, and each its own, where masters may. */
const issuePki = async ({ cluster: name }: StepInput, begun: Begun): Promise<void> => {
  const cluster = await getCluster(table, name);
  const owner = ownerIn(cluster, begun);
  const kept = await ensureSecret(owner, "parameter/authorities", parameterName.authorities(owner), async () =>
    JSON.stringify(await issueAuthorities(new Date())),
  );
  const authorities = Authorities.parse(JSON.parse(kept));
  await Promise.all([
    ensureSecret(owner, "parameter/masters-shared", parameterName.masters(owner), async () =>
      packFiles(sharedMasterFiles(authorities)),
    ),
    ensureCertificates(owner, cluster.plan.members, authorities),
  ]);
};

export const handler = stepHandler("Issue PKI", table, StepInputSchema, issuePki);

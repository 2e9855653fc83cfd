import { packFiles, sharedMasterFiles } from "../domain/host-files.ts";
import { parameterName } from "../domain/naming.ts";
import { type Begun, ownerIn } from "../domain/records.ts";
import { ensureSecret } from "../gateways/parameters.ts";
import { Authorities, issueAuthorities } from "../gateways/pki.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { ensureCertificates } from "../usecases/certificates.ts";

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

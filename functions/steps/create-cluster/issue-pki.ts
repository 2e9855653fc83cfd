import { s3 } from "../../aws/s3/client.ts";
import { findText } from "../../aws/s3/objects.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { ensureSecret } from "../../aws/ssm/parameters.ts";
import { BACKUP_OBJECTS, backupKey } from "../../domain/backup/manifest.ts";
import { BackupUnusable } from "../../domain/cluster/errors.ts";
import { parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, ownerIn } from "../../domain/cluster/records.ts";
import { packFiles, sharedMasterFiles } from "../../domain/host/host-files.ts";
import type { TakenFrom } from "../../domain/restore/restore-records.ts";
import { certificatesCalls, ensureCertificates } from "../../pki/certificates.ts";
import { Authorities, issueAuthorities } from "../../pki/pki.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = { ...certificatesCalls, ...bind(ssm, { ensureSecret }), ...bind(s3, { findText }) };

const ENV = { BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * The cluster's certificate authorities, all of them where functions alone may read; what masters need, and each its
 * own, where masters may. A cluster that takes over another one has that one's: what they signed stays valid.
 */
export async function issuePki(deps: Collaborators, { cluster: name }: StepRequest, begun: Begun): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const owner = ownerIn(cluster, begun);
  const kept = await deps.aws.ensureSecret(
    owner,
    "parameter/authorities",
    parameterName.authorities(owner),
    async () =>
      cluster.takenFrom
        ? await keptAuthorities(deps, cluster.takenFrom)
        : JSON.stringify(await issueAuthorities(deps.clock.now())),
  );
  const authorities = Authorities.parse(JSON.parse(kept));
  await Promise.all([
    deps.aws.ensureSecret(owner, "parameter/masters-shared", parameterName.masters(owner), async () =>
      packFiles(sharedMasterFiles(authorities)),
    ),
    ensureCertificates(deps, owner, cluster.plan.members, authorities),
  ]);
}

/** Throws BackupUnusable. S3 decrypts them for functions that may: masters may not. */
async function keptAuthorities(deps: Collaborators, { cluster, uid, backup }: TakenFrom): Promise<string> {
  const key = backupKey({ cluster, uid }, backup, BACKUP_OBJECTS.pki);
  const text = await deps.aws.findText({ bucket: deps.env.BACKUP_BUCKET, key });
  const unusable = (why: string) => new BackupUnusable(`backup ${backup} cannot be restored: its pki.json ${why}`);
  if (text === undefined) throw unusable("is not there");
  try {
    return JSON.stringify(Authorities.parse(JSON.parse(text)));
  } catch {
    throw unusable("is not whole");
  }
}

export const handler = stepHandler("Issue PKI", StepInput, issuePki, collaborators(calls, ENV));

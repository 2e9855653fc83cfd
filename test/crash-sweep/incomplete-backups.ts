import type * as s3Sdk from "@aws-sdk/client-s3";
import { BACKUP_OBJECTS } from "../../functions/domain/backup/manifest.ts";
import type { LocalCloud } from "../../local/cloud.ts";
import { callService } from "../../local/context/service-call.ts";

/** Folders of backups in which objects are missing: nobody restores, lists or removes them. */
export async function incompleteBackups({ context, services }: LocalCloud): Promise<string[]> {
  const { handlers } = services.s3;
  const principal = { arn: `arn:aws:iam::${context.accountId}:user/holdfast` };
  const caller = { service: "s3", region: context.region, principal };
  const { Buckets = [] } = await callService<typeof s3Sdk, "ListBuckets">(handlers, "ListBuckets", {}, caller);
  const keys: string[] = [];
  for (const { Name: Bucket } of Buckets) {
    let ContinuationToken: string | undefined;
    do {
      const input = { Bucket, Prefix: "clusters/", ContinuationToken };
      const page = await callService<typeof s3Sdk, "ListObjectsV2">(handlers, "ListObjectsV2", input, caller);
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }
  const folders = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf("/")));
  return [...folders].flatMap(([folder, found]) => {
    // What a survivor had is no backup: one file, which the bucket's rule removes.
    const whole = folder.includes("/survivor-") ? [BACKUP_OBJECTS.snapshot] : Object.values(BACKUP_OBJECTS);
    const missing = whole.filter((object) => !found.includes(`${folder}/${object}`));
    return missing.length > 0 ? [`${folder} has no ${missing.join(", ")}`] : [];
  });
}

import { cursorOf, positionOf } from "../domain/api/cursors.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { answering, apiHandlers } from "../runtime/api-handler.ts";
import { table } from "../runtime/table.ts";
import { getBackup, listBackups } from "../store/backups.ts";
import { getCluster } from "../store/clusters.ts";
import { toBackupView } from "../usecases/operations/views.ts";

/** `GET /clusters/{name}/backups` and `…/{id}`: what the table knows, the newest first. S3 is not asked. */
export const handler = apiHandlers(
  answering(REQUESTS.listBackups, async ({ path: { name }, query: { limit, cursor } }) => {
    const cluster = await getCluster(table, name);
    const after = cursor === undefined ? undefined : positionOf(cursor);
    const listed = (await listBackups(table, name)).filter(
      ({ removing, manifest: { id } }) => removing !== true && (after === undefined || id < after),
    );
    const page = listed.slice(0, limit);
    const last = page.at(-1)?.manifest.id;
    const nextCursor = last !== undefined && listed.length > page.length ? { nextCursor: cursorOf(last) } : {};
    return { status: 200, body: { items: page.map((each) => toBackupView(cluster, each)), ...nextCursor } };
  }),
  answering(REQUESTS.getBackup, async ({ path: { name, id } }) => {
    const cluster = await getCluster(table, name);
    return { status: 200, body: toBackupView(cluster, await getBackup(table, name, id)) };
  }),
);

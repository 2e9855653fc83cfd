import { POLL_S } from "../domain/api/problems.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { OperationUnknown } from "../domain/cluster/errors.ts";
import { bodyTag, matchesAny } from "../domain/spec/spec-tag.ts";
import { may } from "../runtime/access.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { table } from "../runtime/table.ts";
import { getOperation } from "../store/operation-records.ts";
import { toOperationView } from "../usecases/operations/views.ts";

/**
 * `GET /operations/{id}`: one operation with its steps. Cheap: this is what waiting clients poll. With the ETag of what
 * they have seen, 304 as long as that is all there is; `Retry-After` says when to look again.
 */
export const handler = apiHandler(REQUESTS.getOperation, async ({ path, headers, caller }) => {
  const operation = await getOperation(table, path.id);
  if (!may(caller, "read", operation.cluster)) throw new OperationUnknown(`there is no operation ${path.id}`);
  const body = toOperationView(operation);
  const etag = bodyTag(body);
  const answerHeaders = { etag, ...(operation.status === "RUNNING" ? { "retry-after": String(POLL_S) } : {}) };
  if (matchesAny(headers["if-none-match"], etag)) return { status: 304, headers: answerHeaders };
  return { status: 200, headers: answerHeaders, body };
});

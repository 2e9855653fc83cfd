import * as z from "zod";
import { getOperation } from "../gateways/table/operations.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { pathParameter } from "../runtime/request.ts";
import { table } from "../runtime/table.ts";
import { toOperationView } from "../usecases/views.ts";

/** `GET /operations/{id}`: one operation with its steps. Cheap: this is what waiting clients poll. */
export const handler = httpHandler(async (event) => {
  const id = pathParameter(event, "id", z.string().min(1).max(80));
  return { status: 200, body: toOperationView(await getOperation(table, id)) };
});

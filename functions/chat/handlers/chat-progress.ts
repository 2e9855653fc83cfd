import * as z from "zod";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { apiEnv } from "../../runtime/api-env.ts";
import { taskHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { sayProgress } from "../conversation/follow.ts";
import { apiAsFunction } from "../conversation/session.ts";

const Input = z.object({ delivery: z.string().min(1), operation: z.string().min(1) });

const { API_URL, AWS_REGION, credentials } = apiEnv();
const target = apiAsFunction(API_URL, AWS_REGION, credentials);

/** Follows an operation in the message whose button began it. Throws NotReadyYet as long as it is under way. */
export const handler = taskHandler(Input, async ({ delivery, operation }) => {
  if (!(await sayProgress({ table, target }, delivery, operation))) throw new NotReadyYet(`${operation} continues`);
});

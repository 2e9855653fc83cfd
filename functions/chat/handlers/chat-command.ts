import * as z from "zod";
import { apiEnv } from "../../runtime/api-env.ts";
import { apiRules } from "../../runtime/api-rules.ts";
import { writeAudit } from "../../runtime/audit.ts";
import { taskHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { answer } from "../conversation/answer.ts";
import { apiAsFunction } from "../conversation/session.ts";

const Input = z.object({ delivery: z.string().min(1) });

const { API_URL, AWS_REGION, credentials } = apiEnv();
const target = apiAsFunction(API_URL, AWS_REGION, credentials);
const apiAccess = apiRules() ?? { secondPerson: [] };

/** Does what a delivery asks for. `operation` is to be followed, if there is one. */
export const handler = taskHandler(Input, async ({ delivery }) => {
  const operation = await answer({ table, target, apiAccess, audit: writeAudit }, delivery);
  return { operation: operation ?? "" };
});

import * as z from "zod";
import { httpHandler } from "../runtime/handlers.ts";
import { readBody } from "../runtime/request.ts";
import { checkAccount } from "../usecases/check-account.ts";
import { planRequest } from "../usecases/plan-request.ts";

const Body = z.strictObject({ spec: z.unknown() });

/** `POST /plan`: what a spec would become, held against the account; changes nothing. */
export const handler = httpHandler(async (event) => {
  const planned = planRequest(readBody(event, Body).spec);
  const { warnings } = await checkAccount(planned.spec, planned.plan);
  return { status: 200, body: { ...planned, warnings: [...planned.warnings, ...warnings] } };
});

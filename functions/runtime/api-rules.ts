import * as z from "zod";
import { AccessRules } from "../domain/access/authorization.ts";
import { readEnv } from "./env.ts";

/** The rules of the stack's parameter `ApiAccess`; undefined where nobody has set any. Throws for what are no rules. */
export function apiRules(): AccessRules | undefined {
  const { API_ACCESS } = readEnv({ API_ACCESS: z.string().default("") });
  return API_ACCESS === "" ? undefined : AccessRules.parse(JSON.parse(API_ACCESS));
}

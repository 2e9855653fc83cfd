import { z } from "zod";
import { AwsError } from "../wire/contract.ts";

const strings = z.union([z.string(), z.array(z.string())]);
const values = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()]))]);

const statementSchema = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.unknown().optional(),
  NotPrincipal: z.unknown().optional(),
  Action: strings.optional(),
  NotAction: strings.optional(),
  Resource: strings.optional(),
  NotResource: strings.optional(),
  Condition: z.record(z.string(), z.record(z.string(), values)).optional(),
});

const policySchema = z.object({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema)]),
});

export type PolicyDocument = z.infer<typeof policySchema>;
export type Statement = z.infer<typeof statementSchema>;

/**
 * Reads a policy document from JSON.
 * @throws AwsError `MalformedPolicyDocumentException`.
 */
export function parsePolicy(text: string): PolicyDocument {
  const parsed = policySchema.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw malformed(`Syntax errors in policy: ${issue?.path.join(".")}: ${issue?.message}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
}

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicyDocumentException", message);
}

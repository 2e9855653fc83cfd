import type { SSMClient } from "@aws-sdk/client-ssm";
import type * as z from "zod";
import { parseJson } from "../../domain/text/parse-json.ts";
import { findParameter } from "./parameters.ts";

/** How long a setting is believed: a user who was removed is out within this time. */
const BELIEVED_MS = 30_000;
/** What was not there may be put there any moment, but a flood of requests must not become one of calls. */
const ABSENT_MS = 2_000;

interface Belief {
  /** How long a missing setting is believed to be missing. */
  readonly absentMs?: number;
}

interface Known {
  readonly text: string | undefined;
  readonly untilMs: number;
}
const known = new Map<string, Known>();

/**
 * A setting from Parameter Store, decrypted and checked; undefined when there is none. Its text is a secret: an error names
 * the parameter and the fields, never a value.
 */
export async function findSetting<S extends z.ZodType>(
  ssm: SSMClient,
  name: string,
  schema: S,
  { absentMs = ABSENT_MS }: Belief = {},
): Promise<z.output<S> | undefined> {
  const text = await read(ssm, name, absentMs);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, code }) => `${path.join(".") || "the whole"}: ${code}`).join("; ");
  throw new Error(`the parameter ${name} is not as docs/chat.md says: ${fields}`);
}

async function read(ssm: SSMClient, name: string, absentMs: number): Promise<string | undefined> {
  const before = known.get(name);
  if (before && before.untilMs > Date.now()) return before.text;
  const text = await findParameter(ssm, name);
  known.set(name, { text, untilMs: Date.now() + (text === undefined ? absentMs : BELIEVED_MS) });
  return text;
}

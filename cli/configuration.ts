import { parse } from "yaml";
import * as z from "zod";
import { CommandFailed } from "../client/api-errors.ts";
import { EXIT } from "../client/exit-codes.ts";

const Profile = z.strictObject({
  /** What `HOLDFAST_API` would be. */
  api: z.url(),
  /** Region of an API under a name of its own. */
  region: z.string().min(1).optional(),
  /** Whose credentials sign requests, as in `AWS_PROFILE`. */
  awsProfile: z.string().min(1).optional(),
});
const File = z.strictObject({
  /** The profile in force where nothing names another one. */
  profile: z.string().optional(),
  profiles: z.record(z.string(), Profile).default({}),
});

/** The configuration that a file's text holds. Throws CommandFailed, which names the file, if it is none. */
export function parseConfiguration(text: string, path: string): z.output<typeof File> {
  let document: unknown;
  try {
    document = parse(text) ?? {};
  } catch (error) {
    throw new CommandFailed(`${path} is not YAML: ${error instanceof Error ? error.message : error}`, EXIT.badUsage);
  }
  const read = File.safeParse(document);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path: at, message }) => `${at.join(".") || "the file"}: ${message}`);
  throw new CommandFailed(`${path}: ${problems.join("; ")}`, EXIT.badUsage);
}

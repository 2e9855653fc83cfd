import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { UsageError } from "../common/command.ts";

/**
 * The documents of a kubeadm configuration file by kind. Throws `UsageError` for what is no YAML or has no kind.
 * Stricter than the real program in one respect: there a field that it does not know is only a warning.
 */
export function readDocuments(file: string): Map<string, unknown> {
  const documents = new Map<string, unknown>();
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    if (document.errors[0]) throw new UsageError(`${file}: ${document.errors[0].message}`);
    const content: unknown = document.toJS();
    if (content === null) continue;
    const kind = z.looseObject({ kind: z.string() }).safeParse(content).data?.kind;
    if (kind === undefined)
      throw new UsageError(`${file}: kind and apiVersion is mandatory information that must be specified`);
    documents.set(kind, content);
  }
  return documents;
}

/** The document of this kind, checked. Throws `UsageError` that names every field that is wrong. */
export function requireDocument<Schema extends z.ZodType>(
  documents: ReadonlyMap<string, unknown>,
  kind: string,
  schema: Schema,
): z.infer<Schema> {
  const document = documents.get(kind);
  if (document === undefined) throw new UsageError(`no ${kind} in the configuration file`);
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(describeIssue);
  throw new UsageError(`error unmarshaling configuration ${kind}: ${problems.join("; ")}`);
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `strict decoding error: unknown field "${path ? `${path}.` : ""}${key}"`);
  }
  return [`${path}: ${issue.message}`];
}

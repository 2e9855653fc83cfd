import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { AwsError } from "../wire/contract.ts";

const parameterSchema = z.object({
  type: z.enum(["String", "StringList", "Integer", "Boolean"]),
  description: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  allowedValues: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  allowedPattern: z.string().optional(),
  minChars: z.number().optional(),
  maxChars: z.number().optional(),
});

const documentSchema = z.object({
  schemaVersion: z.literal("2.2"),
  description: z.string().optional(),
  parameters: z.record(z.string(), parameterSchema).optional(),
  mainSteps: z
    .array(
      z.object({
        action: z.literal("aws:runShellScript"),
        name: z.string(),
        inputs: z.object({
          runCommand: z.union([z.string(), z.array(z.string())]),
          timeoutSeconds: z.union([z.string(), z.number()]).optional(),
          workingDirectory: z.string().optional(),
        }),
      }),
    )
    .min(1),
});

/** A command document of schema 2.2 whose steps are shell scripts: the only kind that this local cloud runs. */
export type CommandDocument = z.infer<typeof documentSchema>;
export type DocumentParameter = z.infer<typeof parameterSchema>;

/**
 * Reads a document's content, JSON or YAML.
 * @throws AwsError `InvalidDocumentContent` that names the first thing wrong with it.
 */
export function parseDocument(content: string): CommandDocument {
  const parsed = documentSchema.safeParse(readText(content));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidContent(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a command document"}`);
}

function readText(content: string): unknown {
  try {
    return parseYaml(content);
  } catch (error) {
    throw invalidContent(error instanceof Error ? error.message : String(error));
  }
}

function invalidContent(reason: string): AwsError {
  return new AwsError("InvalidDocumentContent", `The content for the document is not valid. ${reason}`);
}

/** The document that AWS gives to every account, as schema 2.2. */
export const runShellScript: CommandDocument = {
  schemaVersion: "2.2",
  description: "Run a shell script or specify the commands to run.",
  parameters: {
    commands: { type: "StringList", description: "(Required) Specify a shell script or a command to run." },
    workingDirectory: { type: "String", default: "" },
    executionTimeout: {
      type: "String",
      default: "3600",
      allowedPattern: "^([1-9][0-9]{0,4}|1[0-6][0-9]{4}|17[0-1][0-9]{3}|172[0-7][0-9]{2}|172800)$",
    },
  },
  mainSteps: [
    {
      action: "aws:runShellScript",
      name: "aws:runShellScript",
      inputs: {
        runCommand: "{{ commands }}",
        workingDirectory: "{{ workingDirectory }}",
        timeoutSeconds: "{{ executionTimeout }}",
      },
    },
  ],
};

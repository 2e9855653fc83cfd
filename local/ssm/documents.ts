import { createHash } from "node:crypto";
import type * as ssm from "@aws-sdk/client-ssm";
import type { CloudContext } from "../context/context.ts";
import { required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { type CommandDocument, parseDocument, runShellScript } from "./document-content.ts";
import type { SsmState, StoredDocument } from "./model.ts";

const BUILT_IN = "AWS-RunShellScript";
const MAX_DOCUMENT = 64 * 1_024;

export function documentHandlers(context: CloudContext, state: SsmState): Handlers<typeof ssm> {
  const find = (name: string | undefined) => getDocument(state, required(name, "Name", "ValidationException"));
  return {
    CreateDocument: (input) => {
      const name = required(input.Name, "Name", "ValidationException");
      if (state.documents[name]) {
        throw new AwsError("DocumentAlreadyExists", `Document with same name ${name} already exists`);
      }
      if ((input.DocumentType ?? "Command") !== "Command") {
        throw new AwsError(
          "ValidationException",
          `DocumentType ${input.DocumentType} is not supported by this local cloud.`,
        );
      }
      const content = required(input.Content, "Content", "ValidationException");
      const document = writeDocument(context, state, { name, content });
      document.tags = Object.fromEntries((input.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
      return { DocumentDescription: describe(document) };
    },
    DescribeDocument: (input) => ({ Document: describe(find(input.Name)) }),
    GetDocument: (input) => {
      const document = find(input.Name);
      return {
        Name: document.name,
        CreatedDate: new Date(document.createdAt),
        DocumentVersion: String(document.version),
        Status: "Active",
        Content: document.content,
        DocumentType: "Command",
        DocumentFormat: formatOf(document),
      };
    },
    DeleteDocument: (input) => {
      delete state.documents[find(input.Name).name];
      return {};
    },
  };
}

/** Creates a document, or its next version. */
export function writeDocument(
  context: CloudContext,
  state: SsmState,
  { name, content }: { name: string; content: string },
): StoredDocument {
  if (!/^[a-zA-Z0-9_.-]{3,128}$/.test(name))
    throw new AwsError("ValidationException", `Invalid document name: ${name}`);
  if (content.length > MAX_DOCUMENT) {
    throw new AwsError("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.");
  }
  parseDocument(content);
  const existing = state.documents[name];
  const document: StoredDocument = {
    name,
    content,
    version: (existing?.version ?? 0) + 1,
    createdAt: context.clock.now(),
    owner: context.accountId,
    tags: existing?.tags ?? {},
  };
  state.documents[name] = document;
  return document;
}

/** @throws AwsError `InvalidDocument` if there is none. */
export function readCommandDocument(state: SsmState, name: string): { document: CommandDocument; version: string } {
  if (name === BUILT_IN) return { document: runShellScript, version: "1" };
  const stored = getDocument(state, name);
  return { document: parseDocument(stored.content), version: String(stored.version) };
}

export function getDocument(state: SsmState, name: string): StoredDocument {
  const builtIn: StoredDocument = {
    name: BUILT_IN,
    content: JSON.stringify(runShellScript),
    version: 1,
    createdAt: 0,
    owner: "Amazon",
    tags: {},
  };
  const document = name === BUILT_IN ? builtIn : state.documents[name];
  if (!document) throw new AwsError("InvalidDocument", `Document with name ${name} does not exist.`);
  return document;
}

function formatOf(document: StoredDocument): ssm.DocumentFormat {
  return document.content.trimStart().startsWith("{") ? "JSON" : "YAML";
}

export function describe(document: StoredDocument): ssm.DocumentDescription {
  const { parameters, description } = parseDocument(document.content);
  return {
    Hash: createHash("sha256").update(document.content).digest("hex"),
    HashType: "Sha256",
    Name: document.name,
    Owner: document.owner,
    CreatedDate: new Date(document.createdAt),
    Status: "Active",
    DocumentVersion: String(document.version),
    LatestVersion: String(document.version),
    DefaultVersion: String(document.version),
    Description: description,
    Parameters: Object.entries(parameters ?? {}).map(([Name, parameter]) => ({
      Name,
      Type: parameter.type === "StringList" ? "StringList" : "String",
      Description: parameter.description,
      DefaultValue: parameter.default === undefined ? undefined : [parameter.default].flat().map(String).join(","),
    })),
    PlatformTypes: ["Linux"],
    DocumentType: "Command",
    SchemaVersion: "2.2",
    DocumentFormat: formatOf(document),
    Tags: Object.entries(document.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

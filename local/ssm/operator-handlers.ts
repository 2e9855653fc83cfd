import type * as ssm from "@aws-sdk/client-ssm";
import { paginate } from "../context/input.ts";
import type { Handlers, InputOf } from "../wire/contract.ts";
import { describe, getDocument } from "./documents.ts";
import type { SsmState, StoredDocument } from "./model.ts";

const PAGE = 50;
const TOKEN_ERROR = "InvalidNextToken";

/** Lists of documents and their versions, and what an operator asks about sessions, which are not emulated. */
export function operatorHandlers(state: SsmState): Handlers<typeof ssm> {
  return {
    ListDocuments: (input) => {
      const found = Object.values(state.documents).filter((document) => isWanted(document, input));
      const page = paginate(found, {
        limit: input.MaxResults ?? PAGE,
        token: input.NextToken,
        tokenError: TOKEN_ERROR,
      });
      return { DocumentIdentifiers: page.items.map(identifier), NextToken: page.nextToken };
    },
    // The latest version is the only one that is kept.
    ListDocumentVersions: ({ Name = "" }) => {
      const { DocumentVersion, CreatedDate, DocumentFormat, Status } = describe(getDocument(state, Name));
      return {
        DocumentVersions: [{ Name, DocumentVersion, CreatedDate, IsDefaultVersion: true, DocumentFormat, Status }],
      };
    },
    DescribeDocumentPermission: ({ Name = "" }) => {
      getDocument(state, Name);
      return { AccountIds: [], AccountSharingInfoList: [] };
    },
    GetConnectionStatus: ({ Target = "" }) => ({
      Target,
      Status: state.agents[Target]?.online ? "connected" : "notconnected",
    }),
    DescribeSessions: () => ({ Sessions: [] }),
    ListAssociations: () => ({ Associations: [] }),
    DescribeMaintenanceWindows: () => ({ WindowIdentities: [] }),
  };
}

function isWanted(document: StoredDocument, { Filters = [] }: InputOf<typeof ssm, "ListDocuments">): boolean {
  return Filters.every(({ Key, Values = [] }) => {
    if (Key === "Owner") return Values.some((value) => value === "Self" || value === "All" || value === document.owner);
    if (Key === "Name") return Values.some((value) => document.name.startsWith(value));
    return Key !== "DocumentType" || Values.includes("Command");
  });
}

function identifier(document: StoredDocument): ssm.DocumentIdentifier {
  const {
    Name,
    Owner,
    CreatedDate,
    PlatformTypes,
    DocumentVersion,
    DocumentType,
    SchemaVersion,
    DocumentFormat,
    Tags,
  } = describe(document);
  return {
    Name,
    Owner,
    CreatedDate,
    PlatformTypes,
    DocumentVersion,
    DocumentType,
    SchemaVersion,
    DocumentFormat,
    Tags,
  };
}

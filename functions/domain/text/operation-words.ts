import type { OperationKind } from "../api/views.ts";

/** What an operation is called in a sentence: "the migration stopped". */
export const OPERATION_WORDS: Readonly<Record<OperationKind, string>> = {
  create: "creation",
  repair: "repair",
  scale: "scaling",
  update: "update",
  restore: "restore",
  migrate: "migration",
  delete: "deletion",
  backup: "backup",
  drill: "drill",
};

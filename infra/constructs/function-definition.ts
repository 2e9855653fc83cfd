import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { RecordAccess } from "../permissions/table.ts";
import type { Foundation } from "./foundation.ts";

/** What a function is given beside its code. */
export interface FunctionDefinition {
  /** What it may do with the table of records; without it the function does not know the table. */
  readonly records?: RecordAccess;
  readonly permissions?: readonly PolicyStatement[];
  readonly environment?: Readonly<Record<string, string>>;
  /** It writes an audit to its log. */
  readonly audits?: boolean;
}

/** Functions by their file names, each with its definition, or with how that is made from what the stack has. */
export type FunctionDefinitions = Readonly<
  Record<string, FunctionDefinition | ((foundation: Foundation) => FunctionDefinition)>
>;

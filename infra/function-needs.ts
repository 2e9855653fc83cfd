import type { PolicyStatement } from "aws-cdk-lib/aws-iam";

/** What a function needs beside its code. */
export interface FunctionNeeds {
  readonly table: "none" | "read" | "write";
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  readonly behindHttp: boolean;
  /** It writes an audit to its log. */
  readonly audits?: boolean;
}

/** A step of a flow: it reads and writes the table. */
export const step = (
  statements: readonly PolicyStatement[] = [],
  environment: Readonly<Record<string, string>> = {},
): FunctionNeeds => ({ table: "write", environment, statements, behindHttp: false });

/** A function behind a route of the HTTP API. */
export const route = (
  table: FunctionNeeds["table"],
  statements: readonly PolicyStatement[] = [],
  environment: Readonly<Record<string, string>> = {},
): FunctionNeeds => ({ table, environment, statements, behindHttp: true });

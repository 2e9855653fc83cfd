import { Duration, type Stack } from "aws-cdk-lib";
import type { IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CLUSTERS_INDEX } from "../../functions/store/keys.ts";
import { runDocument } from "../permissions/ssm.ts";
import { accessRecords, type RecordAccess } from "../permissions/table.ts";
import { BackupBucket } from "./backup-bucket.ts";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";
import { ClusterTable } from "./cluster-table.ts";
import { Heartbeats } from "./heartbeats.ts";
import { documentName, type HostDocument, HostDocuments } from "./host-documents.ts";
import { HttpEndpoint } from "./http-endpoint.ts";
import { PermissionsBoundary } from "./permissions-boundary.ts";
import { SecretsKey } from "./secrets-key.ts";

/** What a function is given beside its code. */
export interface FunctionDefinition {
  /** What it may do with the table of records; without it the function does not know the table. */
  readonly records?: RecordAccess;
  /** Documents that it runs on hosts, on one or on several at once. Its environment names them, and it may run them. */
  readonly documents?: { readonly one?: readonly HostDocument[]; readonly several?: readonly HostDocument[] };
  readonly permissions?: readonly PolicyStatement[];
  readonly environment?: Readonly<Record<string, string>>;
  /** It writes an audit to its log. */
  readonly audits?: boolean;
}

/** Functions by their file names, each with its definition, or with how that is made from what the stack has. */
export type FunctionDefinitions = Readonly<
  Record<string, FunctionDefinition | ((foundation: Foundation) => FunctionDefinition)>
>;

/** `RESTORE_STATUS_DOCUMENT` for `restore-status`. */
function variableOf(document: HostDocument): string {
  return `${document.toUpperCase().replaceAll("-", "_")}_DOCUMENT`;
}

/** What all functions of a flow share. */
type FunctionOptions = Pick<BundledFunctionProps, "flow" | "timeout">;

/** Functions by their file names. */
export type Functions<Name extends string = string> = Readonly<Record<Name, LambdaFunction>>;

/**
 * What all flows build on, and the one way to make a function. Its parts are the stack's own, so that their ids stay.
 */
export class Foundation {
  readonly stack: Stack;
  readonly tableArn: string;
  readonly tableName: string;
  readonly heartbeats: Heartbeats;
  readonly secretsKeyArn: string;
  readonly backups: BackupBucket;
  readonly boundaryArn: string;
  readonly http: HttpEndpoint;
  /** Roles of functions that put events on our bus. */
  readonly publishers: IRole[] = [];

  constructor(stack: Stack) {
    this.stack = stack;
    const { table } = new ClusterTable(stack, "Clusters");
    this.tableArn = table.tableArn;
    this.tableName = table.tableName;
    new HostDocuments(stack, "Documents");
    const { key, arn } = new SecretsKey(stack, "Secrets");
    this.secretsKeyArn = arn;
    this.backups = new BackupBucket(stack, "Backups", { key });
    this.heartbeats = new Heartbeats(stack, "Heartbeats");
    const { policy } = new PermissionsBoundary(stack, "Boundary", {
      secretsKeyArn: this.secretsKeyArn,
      heartbeatTableArn: this.heartbeats.table.tableArn,
      backupBucketArn: this.backups.arn,
    });
    this.boundaryArn = policy.managedPolicyArn;
    this.http = new HttpEndpoint(stack, "Http");
  }

  /** A Lambda for each definition, which writes to the log group of the flow. */
  functions<Definitions extends FunctionDefinitions>(
    flow: string,
    definitions: Definitions,
  ): Functions<keyof Definitions & string> {
    return this.#all(definitions, { flow });
  }

  /** Functions behind routes of the API. API Gateway gives up after 30 seconds (docs/references/aws.md#http-api). */
  routes<Definitions extends FunctionDefinitions>(
    flow: string,
    definitions: Definitions,
  ): Functions<keyof Definitions & string> {
    return this.#all(definitions, { flow, timeout: Duration.seconds(29) });
  }

  #all<Definitions extends FunctionDefinitions>(definitions: Definitions, options: FunctionOptions) {
    const entries = Object.entries(definitions).map(([name, definition]) => [
      name,
      this.#function(name, typeof definition === "function" ? definition(this) : definition, options),
    ]);
    return Object.fromEntries(entries) as Functions<keyof Definitions & string>;
  }

  #function(
    name: string,
    { records, documents = {}, permissions = [], environment = {}, audits = false }: FunctionDefinition,
    options: FunctionOptions,
  ): LambdaFunction {
    const { tableArn, tableName } = this;
    const { one = [], several = [] } = documents;
    const indexArn = `${tableArn}/index/${CLUSTERS_INDEX}`;
    const made = new BundledFunction(this.stack, name, {
      name,
      environment: {
        ...(records ? { CLUSTER_TABLE: tableName } : {}),
        ...Object.fromEntries([...one, ...several].map((document) => [variableOf(document), documentName(document)])),
        ...environment,
      },
      statements: [
        ...one.flatMap((document) => runDocument(document)),
        ...several.flatMap((document) => runDocument(document, "several")),
        ...permissions,
        ...(records ? accessRecords({ tableArn, indexArn }, records) : []),
      ],
      audits,
      ...options,
    }).function;
    if (made.role && permissions.some(({ actions }) => actions.includes("events:PutEvents")))
      this.publishers.push(made.role);
    return made;
  }
}

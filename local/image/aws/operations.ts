import type { ClientSettings, OperationInput } from "./client-settings.ts";
import { putItem } from "./dynamodb.ts";
import { describeInstances, describeVolumes } from "./ec2.ts";
import type { ParameterTable } from "./parameters.ts";
import { getParameter, getParameters, getParametersByPath, putParameter } from "./ssm.ts";
import { getCallerIdentity } from "./sts.ts";

export interface Operation {
  /** The API's name, as errors print it. */
  readonly name: string;
  readonly parameters: ParameterTable;
  /** The output's list that is continued by `NextToken`; the CLI joins all pages. */
  readonly pages?: string;
  /** The last word is the file into which the body goes: the member `outfile`. */
  readonly outfile?: true;
  /** Calls the service once. */
  readonly call: (settings: ClientSettings, input: OperationInput) => Promise<object>;
}

/** Everything that Holdfast's user data and its management documents call. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "ssm get-parameter": {
    name: "GetParameter",
    parameters: { "--name": "string", "--with-decryption": "flag" },
    call: getParameter,
  },
  "ssm get-parameters": {
    name: "GetParameters",
    parameters: { "--names": "list", "--with-decryption": "flag" },
    call: getParameters,
  },
  "ssm get-parameters-by-path": {
    name: "GetParametersByPath",
    parameters: { "--path": "string", "--recursive": "flag", "--with-decryption": "flag" },
    pages: "Parameters",
    call: getParametersByPath,
  },
  "ssm put-parameter": {
    name: "PutParameter",
    parameters: {
      "--name": "string",
      "--value": "string",
      "--type": "string",
      "--key-id": "string",
      "--tier": "string",
      "--description": "string",
      "--overwrite": "flag",
    },
    call: putParameter,
  },
  "dynamodb put-item": {
    name: "PutItem",
    parameters: { "--table-name": "string", "--item": "string" },
    call: putItem,
  },
  "sts get-caller-identity": {
    name: "GetCallerIdentity",
    parameters: {},
    call: getCallerIdentity,
  },
  "ec2 describe-volumes": {
    name: "DescribeVolumes",
    parameters: { "--volume-ids": "list", "--filters": "filters" },
    pages: "Volumes",
    call: describeVolumes,
  },
  "ec2 describe-instances": {
    name: "DescribeInstances",
    parameters: { "--instance-ids": "list", "--filters": "filters" },
    pages: "Reservations",
    call: describeInstances,
  },
};

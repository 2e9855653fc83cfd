import type { ClientSettings, OperationInput } from "./client-settings.ts";
import type { ParameterTable } from "./parameters.ts";

export interface Operation {
  /** The API's name, as errors print it. */
  readonly name: string;
  readonly parameters: ParameterTable;
  /** The output's list that is continued by `NextToken`; the CLI joins all pages. */
  readonly pages?: string;
  /** Calls the service once. Modules are loaded on demand: one start of the program needs one client. */
  readonly call: (settings: ClientSettings, input: OperationInput) => Promise<object>;
}

/** Everything that Holdfast's user data and its management documents call. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "ssm get-parameter": {
    name: "GetParameter",
    parameters: { "--name": "string", "--with-decryption": "flag" },
    call: async (settings, input) => (await import("./ssm.ts")).getParameter(settings, input),
  },
  "ssm get-parameters-by-path": {
    name: "GetParametersByPath",
    parameters: { "--path": "string", "--recursive": "flag", "--with-decryption": "flag" },
    pages: "Parameters",
    call: async (settings, input) => (await import("./ssm.ts")).getParametersByPath(settings, input),
  },
  "ssm put-parameter": {
    name: "PutParameter",
    parameters: {
      "--name": "string",
      "--value": "string",
      "--type": "string",
      "--tier": "string",
      "--description": "string",
      "--overwrite": "flag",
    },
    call: async (settings, input) => (await import("./ssm.ts")).putParameter(settings, input),
  },
  "sts get-caller-identity": {
    name: "GetCallerIdentity",
    parameters: {},
    call: async (settings) => (await import("./sts.ts")).getCallerIdentity(settings),
  },
  "ec2 describe-volumes": {
    name: "DescribeVolumes",
    parameters: { "--volume-ids": "list", "--filters": "filters" },
    pages: "Volumes",
    call: async (settings, input) => (await import("./ec2.ts")).describeVolumes(settings, input),
  },
  "ec2 describe-instances": {
    name: "DescribeInstances",
    parameters: { "--instance-ids": "list", "--filters": "filters" },
    pages: "Reservations",
    call: async (settings, input) => (await import("./ec2.ts")).describeInstances(settings, input),
  },
};

import { createHash } from "node:crypto";
import type * as ssm from "@aws-sdk/client-ssm";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import type { Keys } from "../kms/keys.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { SsmState, StoredParameter } from "./model.ts";
import { checkName, checkSize, chooseTier, validationException } from "./parameter-rules.ts";
import type { ImageLookup } from "./public-parameters.ts";
import { resolvePublicParameter } from "./public-parameters.ts";

/** The key of a SecureString that names none: AWS's own, which everybody in the account may use by way of SSM. */
const AWS_KEY = "alias/aws/ssm";

export interface ParameterStore {
  readonly context: CloudContext;
  readonly state: SsmState;
  readonly findImages: ImageLookup;
  readonly keys: Keys;
}

/** Writing and reading single parameters; listing them is in `parameter-lists.ts`. */
export function parameterHandlers(store: ParameterStore): Handlers<typeof ssm> {
  return {
    PutParameter: (input, call) => {
      const parameter = putParameter(store, input, call.principal.arn);
      return { Version: parameter.version, Tier: parameter.tier };
    },
    GetParameter: async (input) => {
      const name = required(input.Name, "Name", "ValidationException");
      const found = await readParameter(store, name, input.WithDecryption ?? false);
      if (!found) throw new AwsError("ParameterNotFound", "");
      return { Parameter: found };
    },
    GetParameters: async (input) => {
      const names = required(input.Names, "Names", "ValidationException");
      if (names.length > 10) throw validationException("names: Member must have length less than or equal to 10");
      const read = names.map((name) => readParameter(store, name, input.WithDecryption ?? false));
      const found = await Promise.all(read);
      return {
        Parameters: found.filter((each) => each !== undefined),
        InvalidParameters: names.filter((_, index) => found[index] === undefined),
      };
    },
    GetParameterHistory: (input) => history(store, input),
    DeleteParameter: (input) => {
      const name = required(input.Name, "Name", "ValidationException");
      if (!deleteParameter(store, name)) throw new AwsError("ParameterNotFound", "");
      return {};
    },
    DeleteParameters: (input) => {
      const names = required(input.Names, "Names", "ValidationException");
      if (names.length > 10) throw validationException("names: Member must have length less than or equal to 10");
      const deleted = names.filter((name) => deleteParameter(store, name));
      return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
    },
  };
}

function history(
  store: ParameterStore,
  { Name, WithDecryption, MaxResults, NextToken }: ssm.GetParameterHistoryRequest,
): ssm.GetParameterHistoryResult {
  const name = required(Name, "Name", "ValidationException");
  const current = store.state.parameters[name];
  if (!current) throw new AwsError("ParameterNotFound", "");
  const versions = [...(store.state.history?.[name] ?? []), current];
  const page = paginate(versions, { limit: MaxResults ?? 50, token: NextToken, tokenError: "InvalidNextToken" });
  return {
    Parameters: page.items.map((version) => ({
      ...{ Name: name, Type: version.type, Version: version.version, Tier: version.tier, DataType: version.dataType },
      Value: readValue(store.state, version, (WithDecryption ?? false) && version === current),
      LastModifiedDate: new Date(version.modifiedAt),
      LastModifiedUser: version.modifiedBy,
      ...(version.keyId !== undefined && { KeyId: version.keyId }),
      ...(version.description !== undefined && { Description: version.description }),
      Labels: [],
      Policies: [],
    })),
    NextToken: page.nextToken,
  };
}

function putParameter(store: ParameterStore, input: ssm.PutParameterRequest, caller: string): StoredParameter {
  const name = required(input.Name, "Name", "ValidationException");
  const value = required(input.Value, "Value", "ValidationException");
  checkName(name);
  const existing = store.state.parameters[name];
  const type = checkOverwrite(existing, input);
  const tier = chooseTier(input.Tier ?? existing?.tier ?? "Standard", value);
  checkSize(tier, value);
  if (existing?.tier === "Advanced" && tier === "Standard") {
    throw validationException(
      "This parameter uses the advanced-parameter tier. You can't downgrade it to the standard-parameter tier.",
    );
  }
  const allowedPattern = input.AllowedPattern ?? existing?.allowedPattern;
  if (allowedPattern && !new RegExp(allowedPattern).test(value)) {
    throw new AwsError(
      "ParameterPatternMismatchException",
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
  const description = input.Description ?? existing?.description;
  const keyId = type === "SecureString" ? (input.KeyId ?? existing?.keyId ?? AWS_KEY) : undefined;
  if (keyId !== undefined && keyId !== AWS_KEY && store.keys.arnOf(keyId) === undefined) {
    throw new AwsError("InvalidKeyId", `Alias or key ${keyId} is not found.`);
  }
  const parameter: StoredParameter = {
    name,
    type,
    value: type === "SecureString" ? "" : value,
    version: (existing?.version ?? 0) + 1,
    tier,
    modifiedAt: store.context.clock.now(),
    modifiedBy: caller,
    dataType: input.DataType ?? existing?.dataType ?? "text",
    tags: existing?.tags ?? Object.fromEntries((input.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    ...(description === undefined ? {} : { description }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(allowedPattern === undefined ? {} : { allowedPattern }),
  };
  rememberVersion(store.state, existing);
  store.state.parameters[name] = parameter;
  if (type === "SecureString") store.state.secrets[name] = value;
  announce(store, parameter, existing ? "Update" : "Create");
  return parameter;
}

/** As many former versions as Parameter Store keeps. */
const MAX_HISTORY = 100;

/** Former versions; of a secret, too, only that they were there. */
function rememberVersion(state: SsmState, existing: StoredParameter | undefined): void {
  if (!existing) return;
  state.history ??= {};
  const versions = [...(state.history[existing.name] ?? []), existing];
  state.history[existing.name] = versions.slice(-MAX_HISTORY + 1);
}

/** The type that the parameter will have, if the request may write it at all. */
function checkOverwrite(existing: StoredParameter | undefined, input: ssm.PutParameterRequest): ssm.ParameterType {
  if (!existing) {
    if (!input.Type) throw validationException("A parameter type is required when you create a parameter.");
    return input.Type;
  }
  if (!input.Overwrite) {
    throw new AwsError(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  }
  if (input.Tags && input.Tags.length > 0) {
    throw validationException(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  if (input.Type && input.Type !== existing.type) {
    throw new AwsError(
      "HierarchyTypeMismatchException",
      `You can't change the parameter type from ${existing.type} to ${input.Type}. Create a new, unique parameter.`,
    );
  }
  return existing.type;
}

async function readParameter(
  store: ParameterStore,
  reference: string,
  decrypt: boolean,
): Promise<ssm.Parameter | undefined> {
  if (reference.startsWith("/aws/service/")) return resolvePublicParameter(store, reference);
  const [name = "", selector] = reference.split(":");
  const parameter = store.state.parameters[name];
  if (!parameter) return undefined;
  if (selector !== undefined && selector !== String(parameter.version)) {
    throw new AwsError("ParameterVersionNotFound", `Systems Manager could not find version ${selector} of ${name}.`);
  }
  return {
    ...viewParameter(store, parameter, decrypt),
    ...(selector === undefined ? {} : { Selector: `:${selector}` }),
  };
}

export function viewParameter(store: ParameterStore, parameter: StoredParameter, decrypt: boolean): ssm.Parameter {
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: readValue(store.state, parameter, decrypt),
    Version: parameter.version,
    LastModifiedDate: new Date(parameter.modifiedAt),
    ARN: parameterArn(store.context, parameter.name),
    DataType: parameter.dataType,
  };
}

function readValue(state: SsmState, parameter: StoredParameter, decrypt: boolean): string {
  if (parameter.type !== "SecureString") return parameter.value;
  if (decrypt) return state.secrets[parameter.name] ?? "";
  // Stands for KMS ciphertext: stable for a version, and made of nothing but its name.
  return createHash("sha512").update(`${parameter.name}:${parameter.version}`).digest("base64");
}

export function parameterArn(context: CloudContext, name: string): string {
  return `arn:aws:ssm:${context.region}:${context.accountId}:parameter${name.startsWith("/") ? "" : "/"}${name}`;
}

function deleteParameter(store: ParameterStore, name: string): boolean {
  const parameter = store.state.parameters[name];
  if (!parameter) return false;
  delete store.state.parameters[name];
  delete store.state.secrets[name];
  delete store.state.history?.[name];
  announce(store, parameter, "Delete");
  return true;
}

function announce(store: ParameterStore, parameter: StoredParameter, operation: "Create" | "Update" | "Delete"): void {
  store.context.publish({
    source: "aws.ssm",
    detailType: "Parameter Store Change",
    resources: [parameterArn(store.context, parameter.name)],
    detail: { operation, name: parameter.name, type: parameter.type },
  });
}

import type * as ssm from "@aws-sdk/client-ssm";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { StoredParameter } from "./model.ts";
import { type ParameterStore, parameterArn, viewParameter } from "./parameters.ts";

/** Reading parameters by path and by filter. */
export function parameterListHandlers(store: ParameterStore): Handlers<typeof ssm> {
  return {
    GetParametersByPath: (input) => {
      const path = required(input.Path, "Path", "ValidationException");
      if (!path.startsWith("/")) {
        throw new AwsError("ValidationException", "The parameter path must begin with a slash (/).");
      }
      const found = sorted(store)
        .filter(({ name }) => isUnder(name, path, input.Recursive ?? false))
        .filter((parameter) => (input.ParameterFilters ?? []).every((filter) => matches(parameter, filter)));
      const page = paginate(found, {
        limit: input.MaxResults ?? 10,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return {
        Parameters: page.items.map((each) => viewParameter(store, each, input.WithDecryption ?? false)),
        NextToken: page.nextToken,
      };
    },
    DescribeParameters: (input) => {
      if (input.Filters && input.Filters.length > 0) {
        throw new AwsError(
          "InvalidFilterKey",
          "Use ParameterFilters; the older Filters are not supported by this local cloud.",
        );
      }
      const found = sorted(store).filter((parameter) =>
        (input.ParameterFilters ?? []).every((filter) => matches(parameter, filter)),
      );
      const page = paginate(found, {
        limit: input.MaxResults ?? 50,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return { Parameters: page.items.map((each) => describe(store, each)), NextToken: page.nextToken };
    },
  };
}

function sorted(store: ParameterStore): StoredParameter[] {
  return Object.values(store.state.parameters).toSorted((a, b) => a.name.localeCompare(b.name));
}

function isUnder(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith("/") ? path : `${path}/`;
  if (!name.startsWith(prefix)) return false;
  return recursive || !name.slice(prefix.length).includes("/");
}

function matches(parameter: StoredParameter, filter: ssm.ParameterStringFilter): boolean {
  const values = filter.Values ?? [];
  const key = filter.Key ?? "";
  if (key.startsWith("tag:")) {
    const value = parameter.tags[key.slice(4)];
    return value !== undefined && (values.length === 0 || values.includes(value));
  }
  switch (key) {
    case "Name":
      return values.some((value) => compare(parameter.name, value, filter.Option ?? "Equals"));
    case "Path":
      return values.some((value) => isUnder(parameter.name, value, filter.Option === "Recursive"));
    case "Type":
      return values.includes(parameter.type);
    case "Tier":
      return values.includes(parameter.tier);
    case "KeyId":
      return parameter.keyId !== undefined && values.includes(parameter.keyId);
    default:
      throw new AwsError("InvalidFilterKey", `The filter key ${key} is not valid.`);
  }
}

function compare(name: string, value: string, option: string): boolean {
  switch (option) {
    case "Equals":
      return name === value;
    case "BeginsWith":
      return name.startsWith(value);
    case "Contains":
      return name.includes(value);
    default:
      throw new AwsError("InvalidFilterOption", `The filter option ${option} is not valid.`);
  }
}

function describe(store: ParameterStore, parameter: StoredParameter): ssm.ParameterMetadata {
  return {
    Name: parameter.name,
    ARN: parameterArn(store.context, parameter.name),
    Type: parameter.type,
    KeyId: parameter.keyId,
    LastModifiedDate: new Date(parameter.modifiedAt),
    LastModifiedUser: parameter.modifiedBy,
    Description: parameter.description,
    AllowedPattern: parameter.allowedPattern,
    Version: parameter.version,
    Tier: parameter.tier,
    Policies: [],
    DataType: parameter.dataType,
  };
}

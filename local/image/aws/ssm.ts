import {
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ParameterTier,
  ParameterType,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { type ClientSettings, type OperationInput, oneOf, textOf } from "./client-settings.ts";

export function getParameter(settings: ClientSettings, { Name, WithDecryption }: OperationInput) {
  const command = new GetParameterCommand({ Name: textOf(Name), WithDecryption: WithDecryption === true });
  return new SSMClient(settings).send(command);
}

export function getParameters(settings: ClientSettings, { Names, WithDecryption }: OperationInput) {
  const command = new GetParametersCommand({
    Names: Array.isArray(Names) ? Names.map(textOf) : [],
    WithDecryption: WithDecryption === true,
  });
  return new SSMClient(settings).send(command);
}

export function getParametersByPath(settings: ClientSettings, input: OperationInput) {
  const command = new GetParametersByPathCommand({
    Path: textOf(input["Path"]),
    Recursive: input["Recursive"] === true,
    WithDecryption: input["WithDecryption"] === true,
    ...(input["NextToken"] !== undefined && { NextToken: textOf(input["NextToken"]) }),
  });
  return new SSMClient(settings).send(command);
}

export function putParameter(settings: ClientSettings, input: OperationInput) {
  const type = oneOf(ParameterType, input["Type"]);
  const tier = oneOf(ParameterTier, input["Tier"]);
  const command = new PutParameterCommand({
    Name: textOf(input["Name"]),
    Value: textOf(input["Value"]),
    Overwrite: input["Overwrite"] === true,
    ...(type && { Type: type }),
    ...(input["KeyId"] !== undefined && { KeyId: textOf(input["KeyId"]) }),
    ...(tier && { Tier: tier }),
    ...(input["Description"] !== undefined && { Description: textOf(input["Description"]) }),
  });
  return new SSMClient(settings).send(command);
}

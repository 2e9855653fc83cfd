import * as z from "zod";
import { callService } from "../../kernel/service-call.ts";
import { operator, type Provision, unlessExists } from "../resource-type.ts";

const ParameterProperties = z.object({
  Name: z.string().optional(),
  Type: z.enum(["String", "StringList"]),
  Value: z.string(),
  Description: z.string().optional(),
});

/** `AWS::SSM::Parameter`; the template's value wins over one from the data directory. */
export const provisionParameter: Provision = async (request, { ssm, context }) => {
  const { Name = `CFN-${request.name()}`, ...properties } = ParameterProperties.parse(request.properties);
  const input = { ...properties, Name, Overwrite: true };
  await callService(ssm, "PutParameter", input, operator(context, "ssm"));
  return { ref: Name, attributes: { Type: properties.Type, Value: properties.Value } };
};

const DocumentProperties = z.object({
  Name: z.string().optional(),
  Content: z.union([z.string(), z.record(z.string(), z.unknown()).transform((content) => JSON.stringify(content))]),
  DocumentType: z.enum(["Command", "Automation", "Session"]).default("Command"),
  DocumentFormat: z.enum(["JSON", "YAML", "TEXT"]).default("JSON"),
});

/** `AWS::SSM::Document` */
export const provisionDocument: Provision = async (request, { ssm, context }) => {
  const { Name = request.name(128), ...properties } = DocumentProperties.parse(request.properties);
  const creation = callService(ssm, "CreateDocument", { ...properties, Name }, operator(context, "ssm"));
  await unlessExists(creation, ["DocumentAlreadyExists"]);
  return { ref: Name, attributes: {} };
};

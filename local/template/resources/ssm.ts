import * as z from "zod";
import { callService } from "../../context/service-call.ts";
import { operator, type Provision } from "../resource-type.ts";

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
  await callService(ssm.handlers, "PutParameter", input, operator(context, "ssm"));
  return { ref: Name, attributes: { Type: properties.Type, Value: properties.Value } };
};

const DocumentProperties = z.object({
  Name: z.string().optional(),
  Content: z.union([z.string(), z.record(z.string(), z.unknown())]),
  DocumentType: z.literal("Command").default("Command"),
});

/** `AWS::SSM::Document` of type Command. */
export const provisionDocument: Provision = (request, { ssm }) => {
  const { Name = request.name(128), Content } = DocumentProperties.parse(request.properties);
  ssm.putDocument({ name: Name, content: Content });
  return { ref: Name, attributes: {} };
};

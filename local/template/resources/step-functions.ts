import { readFile } from "node:fs/promises";
import * as z from "zod";
import type { StateMachineSettings } from "../../stepfunctions/step-functions.ts";
import { nameSuffix } from "../physical-names.ts";
import type { Provision, ResourceRequest } from "../resource-type.ts";

const Properties = z.object({
  StateMachineName: z.string().optional(),
  StateMachineType: z.enum(["STANDARD", "EXPRESS"]).default("STANDARD"),
  RoleArn: z.string(),
  DefinitionString: z.string().optional(),
  DefinitionS3Location: z.object({ Key: z.string() }).optional(),
  LoggingConfiguration: z
    .object({
      Level: z.enum(["ALL", "ERROR", "FATAL", "OFF"]).optional(),
      IncludeExecutionData: z.boolean().optional(),
      Destinations: z.array(z.object({ CloudWatchLogsLogGroup: z.object({ LogGroupArn: z.string() }) })).default([]),
    })
    .optional(),
  DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
});

/** `AWS::StepFunctions::StateMachine`, its definition in the template or in a file beside it. */
export const provisionStateMachine: Provision = async (request, { stepFunctions }) => {
  const properties = Properties.parse(request.properties);
  // CloudFormation names state machines without the stack's name.
  const suffix = nameSuffix(`${request.stackName}/${request.logicalId}`);
  const name = properties.StateMachineName ?? `${request.logicalId}-${suffix}`;
  const arn = stepFunctions.createStateMachine({
    name,
    roleArn: properties.RoleArn,
    definition: substitute(await definitionOf(request, properties), properties.DefinitionSubstitutions),
    type: properties.StateMachineType,
    loggingConfiguration: loggingOf(properties),
  });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
};

function loggingOf({
  LoggingConfiguration,
}: z.output<typeof Properties>): StateMachineSettings["loggingConfiguration"] {
  if (!LoggingConfiguration) return undefined;
  const { Level, IncludeExecutionData, Destinations } = LoggingConfiguration;
  return {
    level: Level ?? "OFF",
    includeExecutionData: IncludeExecutionData ?? false,
    destinations: Destinations.map(({ CloudWatchLogsLogGroup }) => ({
      cloudWatchLogsLogGroup: { logGroupArn: CloudWatchLogsLogGroup.LogGroupArn },
    })),
  };
}

async function definitionOf(request: ResourceRequest, properties: z.output<typeof Properties>): Promise<string> {
  if (properties.DefinitionString !== undefined) return properties.DefinitionString;
  if (!properties.DefinitionS3Location)
    throw new Error("a state machine needs DefinitionString or DefinitionS3Location");
  return await readFile(request.assetPath(properties.DefinitionS3Location.Key), "utf8");
}

/** Replaces `${Name}`; a placeholder without substitution stays, as CloudFormation leaves it. */
function substitute(definition: string, substitutions: Readonly<Record<string, string>>): string {
  return definition.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => substitutions[name] ?? placeholder);
}

import type * as sdk from "@aws-sdk/client-cloudformation";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers, type OutputOf } from "../wire/contract.ts";
import { resourceHandlers } from "./resource-handlers.ts";
import type { DeployedStack, Stacks } from "./stacks.ts";

/** CloudFormation, for reading: the stack that the local cloud was started with. */
export function createCloudFormation(stacks: Stacks): Handlers<typeof sdk> {
  const find = (name = ""): DeployedStack => {
    const stack = stacks.find(name);
    if (stack) return stack;
    throw new AwsError("ValidationError", `Stack with id ${name} does not exist`);
  };
  return {
    ...stackHandlers(stacks, find),
    ...templateHandlers(find),
    ...resourceHandlers(stacks, find),
    GetStackPolicy: ({ StackName }) => {
      find(StackName);
      return {};
    },
    ListChangeSets: ({ StackName }) => ({ Summaries: find(StackName) && [] }),
    ListExports: () => ({ Exports: [] }),
    ListImports: ({ ExportName }) => {
      throw new AwsError("ValidationError", `Export '${ExportName}' is not imported by any stack.`);
    },
    UpdateTerminationProtection: ({ StackName, EnableTerminationProtection }) => {
      const stack = find(StackName);
      stack.terminationProtected = EnableTerminationProtection ?? false;
      return { StackId: stack.id };
    },
  };
}

function stackHandlers(stacks: Stacks, find: (name?: string) => DeployedStack): Handlers<typeof sdk> {
  return {
    DescribeStacks: ({ StackName, NextToken }) => {
      const found = StackName === undefined ? stacks.list() : [find(StackName)];
      const page = paginate(found, { limit: 100, token: NextToken, tokenError: "ValidationError" });
      return { Stacks: page.items.map(viewStack), NextToken: page.nextToken };
    },
    ListStacks: ({ StackStatusFilter = [], NextToken }) => {
      const isWanted = StackStatusFilter.length === 0 || StackStatusFilter.includes("CREATE_COMPLETE");
      const page = paginate(isWanted ? stacks.list() : [], {
        limit: 100,
        token: NextToken,
        tokenError: "ValidationError",
      });
      const summaries = page.items.map((stack) => {
        const { StackId, StackName, CreationTime, StackStatus, DriftInformation } = viewStack(stack);
        const TemplateDescription = stack.loaded.template.Description;
        return { StackId, StackName, CreationTime, StackStatus, DriftInformation, TemplateDescription };
      });
      return { StackSummaries: summaries, NextToken: page.nextToken };
    },
  };
}

function viewStack(stack: DeployedStack): sdk.Stack {
  const { template } = stack.loaded;
  return {
    StackId: stack.id,
    StackName: stack.name,
    ...(template.Description !== undefined && { Description: template.Description }),
    Parameters: Object.entries(template.Parameters).map(([ParameterKey, { Default }]) => ({
      ParameterKey,
      ParameterValue: stack.parameters[ParameterKey] ?? String(Default ?? ""),
    })),
    CreationTime: new Date(stack.createdAt),
    RollbackConfiguration: {},
    StackStatus: "CREATE_COMPLETE",
    DisableRollback: false,
    NotificationARNs: [],
    Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    Outputs: Object.entries(stack.running.outputs).map(([OutputKey, value]) => {
      const description = template.Outputs[OutputKey]?.Description;
      return {
        ...{ OutputKey, OutputValue: String(value) },
        ...(description !== undefined && { Description: description }),
      };
    }),
    Tags: [],
    EnableTerminationProtection: stack.terminationProtected,
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}

function templateHandlers(find: (name?: string) => DeployedStack): Handlers<typeof sdk> {
  return {
    GetTemplate: ({ StackName }) => ({
      TemplateBody: find(StackName).loaded.body,
      StagesAvailable: ["Original", "Processed"],
    }),
    GetTemplateSummary: ({ StackName, TemplateBody }) => {
      if (StackName === undefined)
        throw new AwsError("ValidationError", `The local cloud summarizes stacks only, not ${TemplateBody}.`);
      return summary(find(StackName));
    },
  };
}

function summary({ loaded }: DeployedStack): OutputOf<typeof sdk, "GetTemplateSummary"> {
  const { template } = loaded;
  return {
    Parameters: Object.entries(template.Parameters).map(([ParameterKey, { Type, Default, Description }]) => ({
      ...{ ParameterKey, ParameterType: Type, NoEcho: false },
      ...(Default !== undefined && { DefaultValue: String(Default) }),
      ...(Description !== undefined && { Description }),
    })),
    ...(template.Description !== undefined && { Description: template.Description }),
    Capabilities: ["CAPABILITY_NAMED_IAM"],
    CapabilitiesReason: "The following resource(s) require capabilities: [AWS::IAM::ManagedPolicy, AWS::IAM::Role]",
    ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
    DeclaredTransforms: [],
  };
}

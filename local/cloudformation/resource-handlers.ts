import type * as sdk from "@aws-sdk/client-cloudformation";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { DeployedStack, Stacks } from "./stacks.ts";

/** Pages of ListStackResources and of events; their size is not the caller's to say. */
const PAGE = 100;
/** DescribeStackResources shows no more; ListStackResources is there for the rest (API reference). */
const MAX_DESCRIBED = 100;

interface View {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
}

/** A stack's resources, and the events of their creation. */
export function resourceHandlers(stacks: Stacks, find: (name?: string) => DeployedStack): Handlers<typeof sdk> {
  return {
    ListStackResources: ({ StackName, NextToken }) => {
      const stack = find(StackName);
      const page = paginate(resourcesOf(stack), { limit: PAGE, token: NextToken, tokenError: "ValidationError" });
      const summaries = page.items.map((resource) => ({
        ...resource,
        ResourceStatus: "CREATE_COMPLETE" as const,
        LastUpdatedTimestamp: new Date(stack.createdAt),
        DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" as const },
      }));
      return { StackResourceSummaries: summaries, NextToken: page.nextToken };
    },
    DescribeStackResources: ({ StackName, PhysicalResourceId, LogicalResourceId }) => {
      const stack = StackName === undefined ? owner(stacks, PhysicalResourceId ?? "") : find(StackName);
      const found = resourcesOf(stack).filter(
        (resource) => LogicalResourceId === undefined || resource.LogicalResourceId === LogicalResourceId,
      );
      return { StackResources: found.slice(0, MAX_DESCRIBED).map((resource) => view(stack, resource)) };
    },
    DescribeStackResource: ({ StackName, LogicalResourceId }) => {
      const stack = find(StackName);
      const resource = resourcesOf(stack).find((each) => each.LogicalResourceId === LogicalResourceId);
      if (!resource)
        throw new AwsError("ValidationError", `Resource ${LogicalResourceId} does not exist for stack ${stack.name}`);
      const { Timestamp, ...shown } = view(stack, resource);
      return { StackResourceDetail: { ...shown, LastUpdatedTimestamp: Timestamp, Metadata: "{}" } };
    },
    DescribeStackEvents: ({ StackName, NextToken }) => {
      const page = paginate(eventsOf(find(StackName)), {
        limit: PAGE,
        token: NextToken,
        tokenError: "ValidationError",
      });
      return { StackEvents: page.items, NextToken: page.nextToken };
    },
  };
}

function resourcesOf({ loaded, running }: DeployedStack): View[] {
  return [...running.resources]
    .map(([LogicalResourceId, { ref }]) => ({
      LogicalResourceId,
      PhysicalResourceId: ref,
      ResourceType: loaded.template.Resources[LogicalResourceId]?.Type ?? "",
    }))
    .sort((one, other) => (one.LogicalResourceId < other.LogicalResourceId ? -1 : 1));
}

function owner(stacks: Stacks, physicalId: string): DeployedStack {
  const stack = stacks.list().find((each) => resourcesOf(each).some((one) => one.PhysicalResourceId === physicalId));
  if (stack) return stack;
  throw new AwsError("ValidationError", `Stack for ${physicalId} does not exist`);
}

function view(stack: DeployedStack, resource: View) {
  return {
    ...{ StackName: stack.name, StackId: stack.id, ...resource },
    Timestamp: new Date(stack.createdAt),
    ResourceStatus: "CREATE_COMPLETE" as const,
    DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" as const },
  };
}

/** The newest first: the stack's own, then each resource's. */
function eventsOf(stack: DeployedStack): sdk.StackEvent[] {
  const own = {
    LogicalResourceId: stack.name,
    PhysicalResourceId: stack.id,
    ResourceType: "AWS::CloudFormation::Stack",
  };
  return [own, ...resourcesOf(stack)].map((resource) => ({
    ...{ StackName: stack.name, StackId: stack.id, ...resource },
    EventId: `${resource.LogicalResourceId}-CREATE_COMPLETE-${stack.eventIds.get(resource.LogicalResourceId) ?? "stack"}`,
    Timestamp: new Date(stack.createdAt),
    ResourceStatus: "CREATE_COMPLETE" as const,
  }));
}

import type * as sfn from "@aws-sdk/client-sfn";
import { paginate, required } from "../../context/input.ts";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { StateMachine } from "../model.ts";
import type { StateMachines } from "../state-machines.ts";
import { validateDefinition } from "../validate-definition.ts";
import { pageSize } from "./execution-handlers.ts";

/** The operations on state machines and their tags. Machines are created by the template, not through the API. */
export function stateMachineHandlers(machines: StateMachines): Handlers<typeof sfn> {
  return {
    DescribeStateMachine: ({ stateMachineArn }) => {
      const machine = machines.get(required(stateMachineArn, "stateMachineArn", "ValidationException"));
      const { arn, name, creationDate, loggingConfiguration, revision } = machine;
      const { roleArn, text, revisionId } = revision;
      return {
        ...{ stateMachineArn: arn, name, creationDate, loggingConfiguration, roleArn, revisionId },
        definition: text,
        description: revision.definition.Comment,
        status: "ACTIVE",
        type: "STANDARD",
      };
    },

    ListStateMachines: ({ maxResults, nextToken }) => {
      const request = { limit: pageSize(maxResults), token: nextToken, tokenError: "InvalidToken" };
      const page = paginate(machines.list(), request);
      return { stateMachines: page.items.map(toListItem), nextToken: page.nextToken };
    },

    ListStateMachineVersions: ({ stateMachineArn }) => ({
      stateMachineVersions: machines.get(stateMachineArn ?? "") && [],
    }),
    ListStateMachineAliases: ({ stateMachineArn }) => ({
      stateMachineAliases: machines.get(stateMachineArn ?? "") && [],
    }),
    ListActivities: () => ({ activities: [] }),

    ValidateStateMachineDefinition: ({ definition, maxResults }) => {
      const { diagnostics } = validateDefinition(required(definition, "definition", "ValidationException"));
      const limit = maxResults || 100;
      return {
        result: diagnostics.length === 0 ? "OK" : "FAIL",
        diagnostics: diagnostics.slice(0, limit).map((diagnostic) => ({ severity: "ERROR", ...diagnostic })),
        truncated: diagnostics.length > limit,
      };
    },

    TagResource: ({ resourceArn, tags }) => {
      const machine = taggable(machines, resourceArn);
      for (const { key, value } of required(tags, "tags", "ValidationException")) {
        machine.tags.set(required(key, "key", "ValidationException"), value ?? "");
      }
      return {};
    },

    UntagResource: ({ resourceArn, tagKeys }) => {
      const machine = taggable(machines, resourceArn);
      for (const key of required(tagKeys, "tagKeys", "ValidationException")) machine.tags.delete(key);
      return {};
    },

    ListTagsForResource: ({ resourceArn }) => {
      const { tags } = taggable(machines, resourceArn);
      return { tags: [...tags].map(([key, value]) => ({ key, value })) };
    },
  };
}

function toListItem({ arn, name, creationDate }: StateMachine): sfn.StateMachineListItem {
  return { stateMachineArn: arn, name, type: "STANDARD", creationDate };
}

function taggable(machines: StateMachines, arn: string | undefined): StateMachine {
  const machine = machines.find(required(arn, "resourceArn", "ValidationException"));
  if (machine !== undefined) return machine;
  throw new AwsError("ResourceNotFound", `Resource not found: '${arn}'`, { fields: { resourceName: arn } });
}

import type * as ssm from "@aws-sdk/client-ssm";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { SsmState } from "./model.ts";

/** Tags of parameters and documents. */
export function tagHandlers(state: SsmState): Handlers<typeof ssm> {
  return {
    AddTagsToResource: (input) => {
      const resource = taggable(state, input);
      for (const { Key = "", Value = "" } of input.Tags ?? []) resource.tags[Key] = Value;
      return {};
    },
    RemoveTagsFromResource: (input) => {
      const resource = taggable(state, input);
      for (const key of input.TagKeys ?? []) delete resource.tags[key];
      return {};
    },
    ListTagsForResource: (input) => {
      const { tags } = taggable(state, input);
      return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

function taggable(
  state: SsmState,
  input: { ResourceType: ssm.ResourceTypeForTagging | undefined; ResourceId: string | undefined },
): { tags: Record<string, string> } {
  const id = input.ResourceId ?? "";
  if (input.ResourceType !== "Parameter" && input.ResourceType !== "Document") {
    throw new AwsError("InvalidResourceType", `The resource type ${input.ResourceType} is not valid.`);
  }
  const resource = input.ResourceType === "Parameter" ? state.parameters[id] : state.documents[id];
  if (!resource) throw new AwsError("InvalidResourceId", `The resource ID ${id} is not valid.`);
  return resource;
}

import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Collection } from "./engine/collection.ts";
import type { Engine } from "./engine/engine.ts";
import { required } from "./engine/errors.ts";
import { type FilterAttributes, selectFrom } from "./engine/filters.ts";
import type { Resource } from "./engine/state.ts";
import { mergeTags, refuseReservedTags } from "./engine/tags.ts";

/** Any resource, by the prefix of its id. @throws AwsError `InvalidID` for an id of no known kind */
function taggable(engine: Engine, id: string): Resource {
  const collections: Pick<Collection<Resource>, "kind" | "get">[] = Object.values(engine.store.collections());
  const collection = collections.find(({ kind }) => id.startsWith(`${kind.prefix}-`));
  if (!collection) throw new AwsError("InvalidID", `The ID '${id}' is not valid`);
  return collection.get(id);
}

function allTags(engine: Engine): ec2.TagDescription[] {
  const collections: Pick<Collection<Resource>, "kind" | "list">[] = Object.values(engine.store.collections());
  return collections.flatMap((each) => each.list().flatMap((item) => tagsOf(item, each.kind.resourceType)));
}

function tagsOf(item: Resource, ResourceType: ec2.ResourceType): ec2.TagDescription[] {
  return Object.entries(item.tags).map(([Key, Value]) => ({ ResourceId: item.id, ResourceType, Key, Value }));
}

const filters: FilterAttributes<ec2.TagDescription> = {
  "resource-id": (tag) => tag.ResourceId,
  "resource-type": (tag) => tag.ResourceType,
  key: (tag) => tag.Key,
  value: (tag) => tag.Value,
};

export function tagHandlers(engine: Engine): Handlers<typeof ec2> {
  return {
    CreateTags(input) {
      const tags = required(input.Tags, "Tags");
      refuseReservedTags(tags);
      const resources = required(input.Resources, "Resources").map((id) => taggable(engine, id));
      for (const resource of resources) resource.tags = mergeTags(resource.tags, tags);
      return {};
    },

    DeleteTags(input) {
      const resources = required(input.Resources, "Resources").map((id) => taggable(engine, id));
      for (const resource of resources) resource.tags = withoutTags(resource.tags, input.Tags);
      return {};
    },

    DescribeTags(input) {
      const { items, ...next } = selectFrom(allTags(engine), input, filters);
      return { Tags: items, ...next };
    },
  };
}

/** Without a list all of a user's tags go; with a value a tag goes only if it has that value. */
function withoutTags(present: Resource["tags"], doomed: readonly ec2.Tag[] | undefined): Resource["tags"] {
  const goes = ([key, value]: [string, string]) =>
    doomed === undefined
      ? !key.startsWith("aws:")
      : doomed.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
  return Object.fromEntries(Object.entries(present).filter((entry) => !goes(entry)));
}

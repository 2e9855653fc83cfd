import type { ResourceType, Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { AwsError } from "../../wire/contract.ts";
import { invalidParameter, invalidValue, required } from "./errors.ts";
import type { Kind } from "./kinds.ts";

export type Tags = Record<string, string>;

const maxTags = 50;

export function tagList(tags: Readonly<Tags>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/**
 * The tags that a create call gives to what it makes.
 * @throws AwsError `InvalidParameterValue` for a specification of another kind of resource.
 */
export function tagsOnCreate(specifications: readonly TagSpecification[] | undefined, kind: Kind): Tags {
  for (const { ResourceType: type } of specifications ?? []) {
    if (type !== kind.resourceType) {
      throw invalidValue(`'${type}' is not a valid taggable resource type for this operation.`);
    }
  }
  return tagsFor(specifications, kind.resourceType);
}

/** The tags of one resource type in a call that makes several kinds of resources. */
export function tagsFor(specifications: readonly TagSpecification[] | undefined, type: ResourceType): Tags {
  const chosen = (specifications ?? []).filter((specification) => specification.ResourceType === type);
  return mergeTags(
    {},
    chosen.flatMap((specification) => specification.Tags ?? []),
  );
}

/** @throws AwsError for keys and values that AWS refuses, and beyond 50 tags. */
export function mergeTags(present: Readonly<Tags>, added: readonly Tag[]): Tags {
  const merged: Tags = { ...present };
  for (const { Key, Value } of added) {
    const key = required(Key, "Tag.Key");
    if (key.length > 128) throw invalidParameter(key, "Tag.Key", "Tag keys have at most 128 characters.");
    if ((Value?.length ?? 0) > 256)
      throw invalidParameter(Value ?? "", "Tag.Value", "Tag values have at most 256 characters.");
    merged[key] = Value ?? "";
  }
  if (Object.keys(merged).filter((key) => !key.startsWith("aws:")).length > maxTags) {
    throw new AwsError("TagLimitExceeded", `More than ${maxTags} tags specified`);
  }
  return merged;
}

/** Only services of AWS may write tags of AWS. @throws AwsError `InvalidParameterValue` */
export function refuseReservedTags(tags: readonly Tag[]): void {
  const reserved = tags.find((tag) => tag.Key?.toLowerCase().startsWith("aws:"));
  if (reserved) throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use (${reserved.Key})`);
}

import { EC2Client, type Filter, type ResourceType, type Tag, type TagSpecification } from "@aws-sdk/client-ec2";
import { OwnershipConflict } from "../../domain/errors.ts";
import { type Owner, ownerTags, TAG } from "../../domain/naming.ts";
import { clientSettings } from "../aws-client.ts";
import { call } from "../aws-errors.ts";

/** Made once a container. Region, endpoint and credentials come from the environment, as AWS gives them to a function. */
export const ec2 = new EC2Client(clientSettings);

export const toTags = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const fromTags = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));

/** Tags in the same call that creates: a resource without its owner's tags never exists, not even for a moment. */
export const tagged = (
  type: ResourceType,
  owner: Owner,
  resource: string,
  more: Readonly<Record<string, string>> = {},
): TagSpecification[] => [{ ResourceType: type, Tags: toTags(ownerTags(owner, resource, more)) }];

export const ownedBy = (owner: Owner): Filter[] => [{ Name: `tag:${TAG.uid}`, Values: [owner.uid] }];

/** What `look` finds of the owner's; nothing, without a call, where nothing can be there. */
export const lookUp = async <T extends object>(owner: Owner, look: () => Promise<T>): Promise<Partial<T>> =>
  owner.blank ? {} : call(look());

/**
 * What the owner has of one kind, by logical name. Two of one name are a conflict that only a person can settle: taking
 * "the first" is how two masters once got each other's volumes.
 */
export const byResource = <T extends { Tags?: Tag[] | undefined }>(
  found: readonly T[],
  id: (item: T) => string,
): Map<string, T> => {
  const map = new Map<string, T>();
  for (const item of found) {
    const name = fromTags(item.Tags)[TAG.resource];
    if (name === undefined) continue;
    const twin = map.get(name);
    if (twin) throw new OwnershipConflict(`${id(twin)} and ${id(item)} both claim to be ${name}`);
    map.set(name, item);
  }
  return map;
};

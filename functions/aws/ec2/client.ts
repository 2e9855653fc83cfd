import { EC2Client, type Filter, type ResourceType, type Tag, type TagSpecification } from "@aws-sdk/client-ec2";
import { StandardRetryStrategy } from "@smithy/core/retry";
import { NotReadyYet, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { type Owner, ownerTags, TAG } from "../../domain/cluster/naming.ts";
import { tagDifferences } from "../../domain/ownership/adoption.ts";
import { clientSettings } from "../common/aws-client.ts";
import { call, toDomainError } from "../common/aws-errors.ts";

/** Repeats what EC2 refused for being too much, and nothing that may have taken effect. */
class RepeatOnlyRefusals extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    ...[token, error]: Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>
  ) {
    if (error.errorType !== "THROTTLING") throw new Error("it may have taken effect");
    return super.refreshRetryTokenForRetry(token, error);
  }
}

/** EC2, with a client beside it for calls that create something and take no client token; those are sent by `createOnce`. */
export class Ec2 extends EC2Client {
  readonly once = new EC2Client({ ...clientSettings, retryStrategy: new RepeatOnlyRefusals(3) });
}

export const ec2 = new Ec2(clientSettings);

/**
 * Sends a creating call without a client token once. A repetition by the SDK would create a second resource. So a lost
 * answer throws NotReadyYet, and the next run of the step finds the resource by its tags.
 */
export async function createOnce<T>(send: Promise<T>): Promise<T> {
  try {
    return await send;
  } catch (error) {
    // A refusal is an answer; anything else, a broken connection or a fault of the server, is none.
    if (error instanceof Error && "$fault" in error && error.$fault === "client") throw toDomainError(error);
    throw new NotReadyYet(`whether it took effect is not known: ${String(error)}`, { cause: error });
  }
}

export function toTags(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function fromTags(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

/** Tags in the same call that creates: a resource without its owner's tags never exists, not even for a moment. */
export function tagged(
  type: ResourceType,
  owner: Owner,
  resource: string,
  more: Readonly<Record<string, string>> = {},
): TagSpecification[] {
  return [{ ResourceType: type, Tags: toTags(ownerTags(owner, resource, more)) }];
}

/** What an EC2 resource's tags say otherwise than those of the owner's would. */
export function tagDifferencesOf(
  owner: Owner,
  resource: string,
  { Tags }: { Tags?: Tag[] | undefined },
  more: Readonly<Record<string, string>> = {},
): string[] {
  return tagDifferences(owner, resource, fromTags(Tags), more);
}

export function ownedBy(owner: Owner): Filter[] {
  return [{ Name: `tag:${TAG.uid}`, Values: [owner.uid] }];
}

/** What `look` finds of the owner's; nothing, without a call, where nothing can be there. */
export async function lookUp<T extends object>(owner: Owner, look: () => Promise<T>): Promise<Partial<T>> {
  return owner.blank ? {} : call(look());
}

/**
 * What the owner has of one kind, by logical name. Two of one name are a conflict that only a person can resolve: taking
 * "the first" is how two masters once got each other's volumes.
 */
export function byResource<T extends { Tags?: Tag[] | undefined }>(
  found: readonly T[],
  id: (item: T) => string,
): Map<string, T> {
  const map = new Map<string, T>();
  for (const item of found) {
    const name = fromTags(item.Tags)[TAG.resource];
    if (name === undefined) continue;
    const twin = map.get(name);
    if (twin) throw new OwnershipConflict(`${id(twin)} and ${id(item)} both claim to be ${name}`);
    map.set(name, item);
  }
  return map;
}

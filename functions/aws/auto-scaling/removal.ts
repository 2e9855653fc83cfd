import {
  type AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  paginateDescribeAutoScalingGroups,
} from "@aws-sdk/client-auto-scaling";
import { TAG } from "../../domain/cluster/naming.ts";
import type { FoundResource } from "../../domain/deletion/deletion.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { collect, unlessGone } from "../common/aws-errors.ts";
import { tagsOf } from "./auto-scaling.ts";

/** A group as it was found, with its tags. */
export interface TaggedGroup extends FoundResource<"auto-scaling-group"> {
  /** Its deletion is in progress: it has a status only then. */
  readonly isGoing: boolean;
}

/** Groups with this tag, and those of these names: what lost its tags is still found by its name. */
export async function findOwnGroups(
  autoScaling: AutoScalingClient,
  tag: { key: string; value: string },
  names: readonly string[],
): Promise<TaggedGroup[]> {
  const filter = { Filters: [{ Name: `tag:${tag.key}`, Values: [tag.value] }] };
  const [tagged, named] = await Promise.all([
    collect(paginateDescribeAutoScalingGroups({ client: autoScaling }, filter), (page) => page.AutoScalingGroups),
    names.length === 0
      ? []
      : collect(
          paginateDescribeAutoScalingGroups({ client: autoScaling }, { AutoScalingGroupNames: [...names] }),
          (page) => page.AutoScalingGroups,
        ),
  ]);
  const groups = [...tagged, ...named].map(({ AutoScalingGroupName: id = "", Tags, Status }): TaggedGroup => {
    const tags = tagsOf(Tags);
    return { kind: "auto-scaling-group", id, name: tags[TAG.resource] ?? id, tags, isGoing: Status !== undefined };
  });
  return [...new Map(groups.map((group) => [group.id, group])).values()];
}

/**
 * Deletes a group with its instances, and asks no hook: nothing is launched again (docs/references/aws.md#deletion).
 */
export function deleteGroup(
  autoScaling: AutoScalingClient,
  { id: AutoScalingGroupName }: Owned<"auto-scaling-group">,
): Promise<void> {
  return unlessGone(
    autoScaling
      .send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }))
      // A group that is not there, or that is being deleted already, is a ValidationError like any other.
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== "ValidationError") throw error;
        if (/protect/i.test(error.message)) throw error;
      }),
  );
}

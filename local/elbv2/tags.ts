import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { required } from "../context/input.ts";
import type { Handlers } from "../wire/contract.ts";
import { getBalancer, getListener, getTargetGroup, toTags, validationError } from "./lookup.ts";
import type { ElbState } from "./model.ts";

export function tagHandlers(state: ElbState): Handlers<typeof elb> {
  return {
    AddTags: (input) => {
      for (const resource of resources(state, input.ResourceArns)) Object.assign(resource.tags, toTags(input.Tags));
      return {};
    },
    RemoveTags: (input) => {
      for (const resource of resources(state, input.ResourceArns)) {
        for (const key of input.TagKeys ?? []) delete resource.tags[key];
      }
      return {};
    },
    DescribeTags: (input) => ({
      TagDescriptions: resources(state, input.ResourceArns).map(({ arn, tags }) => ({
        ResourceArn: arn,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      })),
    }),
  };
}

function resources(state: ElbState, arns: readonly string[] | undefined) {
  return required(arns, "ResourceArns").map((arn): { arn: string; tags: Record<string, string> } => {
    if (arn.includes(":loadbalancer/")) return getBalancer(state, arn);
    if (arn.includes(":targetgroup/")) return getTargetGroup(state, arn);
    if (arn.includes(":listener/")) return getListener(state, arn);
    throw validationError(`'${arn}' is not a valid load balancer, target group or listener ARN`);
  });
}

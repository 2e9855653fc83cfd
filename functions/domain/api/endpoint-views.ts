import * as z from "zod";
import { accountOf, type EndpointRecord } from "../fleet/endpoint-records.ts";
import type { Read } from "./output.ts";

/** Another Holdfast, whose clusters this one knows. */
export const EndpointViewSchema = z.looseObject({
  name: z.string(),
  api: z.string(),
  account: z.string(),
  region: z.string(),
  roleArn: z.string(),
  /** `unreachable`: nothing is known of its clusters now. `joining`: it has not answered yet. */
  state: z.enum(["reachable", "unreachable", "joining"]),
  /** Of its API; null before it has answered. */
  version: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
  unreachableSince: z.string().nullable(),
  /** Why it does not answer. */
  reason: z.string().nullable(),
  /** Clusters that were last seen. */
  clusters: z.number(),
  joinedAt: z.string(),
});
export type EndpointView = Read<typeof EndpointViewSchema>;

export function toEndpointView(endpoint: EndpointRecord, clusters: number): EndpointView {
  const { name, api, region, roleArn, version, lastSeenAt, unreachableSince, reason, joinedAt } = endpoint;
  const state = unreachableSince !== null ? "unreachable" : lastSeenAt === null ? "joining" : "reachable";
  return {
    ...{ name, api, account: accountOf(endpoint), region, roleArn, state, version },
    ...{ lastSeenAt, unreachableSince, reason, clusters, joinedAt },
  };
}

import * as z from "zod";
import {
  CERTIFICATE_REQUEST_EXAMPLE,
  CLUSTER_EXAMPLE,
  DELETION_EXAMPLE,
  EVENT_EXAMPLE,
  KUBECONFIG_EXAMPLE,
  NODE_CERTIFICATE_EXAMPLE,
  OPERATION_EXAMPLE,
  PLAN_EXAMPLE,
  SPEC_EXAMPLE,
} from "./examples.ts";
import type { ProblemName } from "./problems.ts";
import { type ApiRequest, type OperationId, REQUESTS } from "./requests.ts";
import { SpecDocument, SpecPatchDocument } from "./spec-document.ts";
import {
  ClusterViewSchema,
  DeletionViewSchema,
  EventViewSchema,
  KubeconfigViewSchema,
  OperationViewSchema,
  PlannedClusterSchema,
  pageOf,
} from "./view-schemas.ts";

/** An answer that is no problem. Without a schema it has no body. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** Header and what it means. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a chat sends to its door: bytes that the endpoint verifies before anything is read. */
export interface ChatBody {
  readonly mediaType: string;
  readonly description: string;
}

/** All that is published of a route, beside what its handler needs. */
export interface ApiRoute {
  readonly request: ApiRequest;
  readonly tag: "Clusters" | "Operations" | "Chat" | "About";
  readonly summary: string;
  readonly description?: string;
  /** File of functions/api or functions/chat/handlers whose function answers. */
  readonly function: string;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Problems of this route, beside those that any may answer with. */
  readonly problems: readonly ProblemName[];
  /** The body's schema as it is published, where the handler's own leaves the details to parse-spec.ts. */
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown };
  readonly chat?: ChatBody;
}

const ETAG = "Tag of what was answered.";
const RETRY = "Seconds after which it is worth to look again.";

const accepted: Answer = {
  description: "The operation has begun; follow it at `Location`.",
  schema: OperationViewSchema,
  example: OPERATION_EXAMPLE,
  headers: { Location: "Path of the operation." },
};
const unchanged: Answer = {
  description: "There is nothing to do: the cluster as it is.",
  schema: ClusterViewSchema,
  example: CLUSTER_EXAMPLE,
};
const CHANGE_PROBLEMS = [
  "cluster-unknown",
  "cluster-busy",
  "cluster-exists",
  "spec-outdated",
  "idempotency-mismatch",
  "spec-rejected",
] as const satisfies ProblemName[];

/** What API Gateway itself, and the chats' endpoints, refuse with. */
export const Refusal = z.looseObject({ message: z.string().nullable() });

const ChatAnswer = z.looseObject({}).describe("What the chat shows at once.");
const chat = (name: "slack" | "mattermost" | "webhook", body: ChatBody): Omit<ApiRoute, "request"> => ({
  tag: "Chat",
  summary: `Where ${name} delivers commands and buttons`,
  description: "Verified by the chat's own proof (docs/chat.md); signatures and tokens of this API play no part.",
  function: `chat-${name}`,
  answers: {
    200: {
      description: "Taken; the answer follows in the chat.",
      schema: ChatAnswer,
      example: { text: "One moment…" },
    },
    401: { description: "The proof does not hold.", schema: Refusal, example: { message: "Unauthorized" } },
    404: { description: "This chat is not configured.", schema: Refusal, example: { message: "Not Found" } },
    413: { description: "The body is too large.", schema: Refusal, example: { message: "too large" } },
  },
  problems: [],
  chat: body,
});

const SpecRequest = z.strictObject({ spec: SpecDocument });
const specBody = { schema: SpecRequest, example: { spec: SPEC_EXAMPLE } };

/** Every route. The stack makes its routes of this table, and the OpenAPI document is written from it. */
export const ROUTES: Readonly<Record<OperationId, ApiRoute>> = {
  createPlan: {
    request: REQUESTS.createPlan,
    tag: "Clusters",
    summary: "What a spec would become",
    description: "Held against the account, its quotas included. Changes nothing.",
    function: "create-plan",
    answers: { 200: { description: "Spec, plan and warnings.", schema: PlannedClusterSchema, example: PLAN_EXAMPLE } },
    problems: ["spec-rejected"],
    body: specBody,
  },
  createCluster: {
    request: REQUESTS.createCluster,
    tag: "Clusters",
    summary: "Create a cluster",
    description: "The same spec once more continues with a creation that stopped.",
    function: "create-cluster",
    answers: { 202: accepted },
    problems: ["cluster-busy", "cluster-exists", "idempotency-mismatch", "spec-rejected"],
    body: specBody,
  },
  listClusters: {
    request: REQUESTS.listClusters,
    tag: "Clusters",
    summary: "List clusters by name",
    description: "Those that the caller may read. Lags by a moment behind what was changed.",
    function: "list-clusters",
    answers: {
      200: {
        description: "A page.",
        schema: pageOf(ClusterViewSchema),
        example: { items: [], nextCursor: "cHJvZC5leGFtcGxlLmNvbQ" },
      },
    },
    problems: [],
  },
  getCluster: {
    request: REQUESTS.getCluster,
    tag: "Clusters",
    summary: "One cluster",
    function: "get-cluster",
    answers: {
      200: {
        description: "The cluster.",
        schema: ClusterViewSchema,
        example: CLUSTER_EXAMPLE,
        headers: { ETag: "Tag of the spec, for `If-Match` of a change." },
      },
    },
    problems: ["cluster-unknown"],
  },
  updateCluster: {
    request: REQUESTS.updateCluster,
    tag: "Clusters",
    summary: "Change what is asked of a cluster",
    description: "A JSON merge patch of the spec.",
    function: "update-cluster",
    answers: { 200: unchanged, 202: accepted },
    problems: CHANGE_PROBLEMS,
    body: { schema: z.strictObject({ spec: SpecPatchDocument }), example: { spec: { nodeSize: "m5.large" } } },
  },
  scaleCluster: {
    request: REQUESTS.scaleCluster,
    tag: "Clusters",
    summary: "Change the number of nodes",
    function: "update-cluster",
    answers: { 200: unchanged, 202: accepted },
    problems: CHANGE_PROBLEMS,
    body: { schema: REQUESTS.scaleCluster.body, example: { count: 5 } },
  },
  resumeCluster: {
    request: REQUESTS.resumeCluster,
    tag: "Clusters",
    summary: "Go on with what stopped",
    description: "A creation or a change that failed continues from where it stands; nothing is made twice.",
    function: "update-cluster",
    answers: { 200: unchanged, 202: accepted },
    problems: CHANGE_PROBLEMS,
  },
  deleteCluster: {
    request: REQUESTS.deleteCluster,
    tag: "Clusters",
    summary: "Delete a cluster",
    description: "Takes the cluster from whatever works on it. A deletion under way answers for every further request.",
    function: "delete-cluster",
    answers: { 202: accepted },
    problems: ["cluster-unknown", "cluster-busy", "ownership-conflict", "idempotency-mismatch"],
  },
  issueKubeconfig: {
    request: REQUESTS.issueKubeconfig,
    tag: "Clusters",
    summary: "Become an administrator in a cluster, for some hours",
    description:
      "Signs your key with the cluster's authority. The key stays with you, and no answer holds a secret. The event history records who asked.",
    function: "issue-kubeconfig",
    answers: {
      200: { description: "What a kubeconfig is made of.", schema: KubeconfigViewSchema, example: KUBECONFIG_EXAMPLE },
    },
    problems: ["cluster-unknown"],
    body: {
      schema: REQUESTS.issueKubeconfig.body,
      example: { certificateRequest: CERTIFICATE_REQUEST_EXAMPLE, minutes: 60 },
    },
  },
  issueNodeCertificate: {
    request: REQUESTS.issueNodeCertificate,
    tag: "Clusters",
    summary: "Join a cluster as the node that the caller is",
    description:
      "For instances alone, each for itself: signed with the role of the cluster's nodes. Roles of this API do not cover it, and tokens are not taken. " +
      "EC2 must know the instance as the cluster's node. The certificate is good for an hour; one key is certified for an instance.",
    function: "issue-node-certificate",
    answers: {
      200: {
        description: "What the node's kubeconfig is made of.",
        schema: KubeconfigViewSchema,
        example: NODE_CERTIFICATE_EXAMPLE,
      },
    },
    problems: ["node-key-taken"],
    body: {
      schema: REQUESTS.issueNodeCertificate.body,
      example: { certificateRequest: CERTIFICATE_REQUEST_EXAMPLE },
    },
  },
  listResources: {
    request: REQUESTS.listResources,
    tag: "Clusters",
    summary: "What a deletion would remove, keep, and stop at",
    description: "Read from AWS now, by the cluster's tags. Changes nothing.",
    function: "list-resources",
    answers: { 200: { description: "All of it.", schema: DeletionViewSchema, example: DELETION_EXAMPLE } },
    problems: ["cluster-unknown", "ownership-conflict"],
  },
  listOperations: {
    request: REQUESTS.listOperations,
    tag: "Operations",
    summary: "List a cluster's operations, newest first",
    function: "list-operations",
    answers: {
      200: { description: "A page.", schema: pageOf(OperationViewSchema), example: { items: [OPERATION_EXAMPLE] } },
    },
    problems: ["cluster-unknown"],
  },
  listEvents: {
    request: REQUESTS.listEvents,
    tag: "Operations",
    summary: "A cluster's event history, oldest first",
    function: "list-events",
    answers: {
      200: {
        description: "A page.",
        schema: pageOf(EventViewSchema),
        example: { items: [EVENT_EXAMPLE], nextCursor: "MjAyNi0xMS0yNVQxMDowMDowMC4wMDBa" },
      },
    },
    problems: ["cluster-unknown"],
  },
  getOperation: {
    request: REQUESTS.getOperation,
    tag: "Operations",
    summary: "One operation with its steps",
    description: "What to poll. With the ETag of the last answer in `If-None-Match` it is cheap.",
    function: "get-operation",
    answers: {
      200: {
        description: "The operation.",
        schema: OperationViewSchema,
        example: OPERATION_EXAMPLE,
        headers: { ETag: ETAG, "Retry-After": `${RETRY} Only while it runs.` },
      },
      304: { description: "Nothing is new.", headers: { ETag: ETAG, "Retry-After": `${RETRY} Only while it runs.` } },
    },
    problems: ["operation-unknown"],
  },
  getOpenapi: {
    request: REQUESTS.getOpenapi,
    tag: "About",
    summary: "This document",
    description: "Open to everybody.",
    function: "get-openapi",
    answers: {
      200: {
        description: "OpenAPI 3.1.",
        schema: z.looseObject({ openapi: z.string() }),
        example: { openapi: "3.1.0" },
        headers: { ETag: ETAG },
      },
      304: { description: "Nothing is new.", headers: { ETag: ETAG } },
    },
    problems: [],
  },
  chatSlack: {
    request: REQUESTS.chatSlack,
    ...chat("slack", { mediaType: "application/x-www-form-urlencoded", description: "As Slack signs and sends it." }),
  },
  chatMattermost: {
    request: REQUESTS.chatMattermost,
    ...chat("mattermost", {
      mediaType: "application/x-www-form-urlencoded",
      description: "A slash command; buttons come as JSON.",
    }),
  },
  chatWebhook: {
    request: REQUESTS.chatWebhook,
    ...chat("webhook", { mediaType: "application/json", description: "A signed delivery (docs/chat.md)." }),
  },
};

/** Problems that every route may answer with, once a caller is let in. */
export const COMMON_PROBLEMS = ["bad-request", "forbidden", "too-many-requests", "internal", "not-ready"] as const;

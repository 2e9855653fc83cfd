import * as z from "zod";
import { PlannedClusterSchema } from "../plan/plan-types.ts";
import { BACKUP_ROUTES } from "./backup-routes.ts";
import { CHAT_ROUTES } from "./chat-routes.ts";
import { CONSOLE_ROUTES } from "./console-routes.ts";
import { CREDENTIAL_ROUTES } from "./credential-routes.ts";
import {
  CLUSTER_EXAMPLE,
  DELETION_EXAMPLE,
  EVENT_EXAMPLE,
  OPERATION_EXAMPLE,
  PLAN_EXAMPLE,
  SPEC_EXAMPLE,
} from "./examples.ts";
import { FLEET_ROUTES } from "./fleet-routes.ts";
import { MIGRATE_ROUTES } from "./migrate-routes.ts";
import type { ProblemName } from "./problems.ts";
import { type OperationId, REQUESTS } from "./requests.ts";
import { RESTORE_ROUTES } from "./restore-routes.ts";
import type { Answer, ApiRoute } from "./route-types.ts";
import { SpecDocument, SpecPatchDocument } from "./spec-document.ts";
import { ClusterViewSchema, DeletionViewSchema, EventViewSchema, OperationViewSchema, pageOf } from "./views.ts";

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
const unchangedOrPlanned: Answer = {
  description: `${unchanged.description} Of a dry run: spec, plan and warnings as they would be.`,
  schema: z.union([ClusterViewSchema, PlannedClusterSchema]),
  example: CLUSTER_EXAMPLE,
};
const patchBody = REQUESTS.updateCluster.body.extend({ spec: SpecPatchDocument });
const CHANGE_PROBLEMS = [
  "cluster-unknown",
  "cluster-busy",
  "cluster-exists",
  "spec-outdated",
  "idempotency-mismatch",
  "spec-rejected",
] as const satisfies ProblemName[];
/** Of a cluster that begins with a backup. */
const TAKEOVER_PROBLEMS = ["backup-unknown", "backup-unusable", "takeover-refused"] as const satisfies ProblemName[];

const { fromBackup, flags } = REQUESTS.createPlan.body.shape;
const SpecRequest = z.strictObject({ spec: SpecDocument, fromBackup });
const PlanRequest = z.strictObject({ spec: SpecDocument.optional(), flags, fromBackup });
const specBody = { schema: SpecRequest, example: { spec: SPEC_EXAMPLE } };

/** Every route. The stack makes its routes of this table, and the OpenAPI document is written from it. */
export const ROUTES: Readonly<Record<OperationId, ApiRoute>> = {
  createPlan: {
    request: REQUESTS.createPlan,
    tag: "Clusters",
    summary: "What a spec would become",
    description:
      "Held against the account, its quotas included. All that is refused is in one answer. Changes nothing.",
    function: "create-plan",
    answers: { 200: { description: "Spec, plan and warnings.", schema: PlannedClusterSchema, example: PLAN_EXAMPLE } },
    problems: ["spec-rejected", ...TAKEOVER_PROBLEMS],
    body: { ...specBody, schema: PlanRequest },
  },
  createCluster: {
    request: REQUESTS.createCluster,
    tag: "Clusters",
    summary: "Create a cluster",
    description: "The same spec once more continues with a creation that stopped.",
    function: "create-cluster",
    answers: { 202: accepted },
    problems: ["cluster-busy", "cluster-exists", "idempotency-mismatch", "spec-rejected", ...TAKEOVER_PROBLEMS],
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
    description: "A JSON merge patch of the spec. With `dryRun` it is checked as a change is, and nothing is changed.",
    function: "update-cluster",
    answers: { 200: unchangedOrPlanned, 202: accepted },
    problems: CHANGE_PROBLEMS,
    body: { schema: patchBody, example: { spec: { nodeSize: "m5.large" } } },
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
    summary: "Resume what stopped",
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
  ...MIGRATE_ROUTES,
  ...RESTORE_ROUTES,
  ...CREDENTIAL_ROUTES,
  ...BACKUP_ROUTES,
  ...FLEET_ROUTES,
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
  ...CONSOLE_ROUTES,
  ...CHAT_ROUTES,
};

/** Problems that every route may answer with, once a caller is let in. */
export const COMMON_PROBLEMS = ["bad-request", "forbidden", "too-many-requests", "internal", "not-ready"] as const;

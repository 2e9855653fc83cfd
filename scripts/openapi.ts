import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from "zod-openapi";
import { Refusal } from "../functions/domain/api/chat-routes.ts";
import { CLUSTER_EXAMPLE, OPERATION_EXAMPLE, PLAN_EXAMPLE, problemExample } from "../functions/domain/api/examples.ts";
import { PROBLEM_NAMES, type ProblemName, problemRow } from "../functions/domain/api/problems.ts";
import type { Answer, ApiRoute } from "../functions/domain/api/route-types.ts";
import { COMMON_PROBLEMS, ROUTES } from "../functions/domain/api/routes.ts";
import { SpecDocument, SpecPatchDocument } from "../functions/domain/api/spec-document.ts";
import {
  ClusterViewSchema,
  DeletionViewSchema,
  EventViewSchema,
  OperationViewSchema,
  ProblemDocumentSchema,
} from "../functions/domain/api/views.ts";
import { PlannedClusterSchema } from "../functions/domain/plan/plan-types.ts";

const ROOT = join(import.meta.dirname, "..");

/** The document that the API serves, for linters and generators of clients. */
const OPENAPI_FILE = join(ROOT, "dist/openapi.json");

/** The client that is generated from it, which the scenarios use. */
const CLIENT_FILE = join(ROOT, "dist/holdfast-api.ts");

const REQUEST_ID = {
  "X-Request-Id": { description: "Id of this request, in our logs too.", schema: { type: "string" } },
} as const;
const RETRY_AFTER = {
  "Retry-After": { description: "Seconds after which to try again.", schema: { type: "string" } },
} as const;

/** The OpenAPI 3.1 document of all routes, from the schemas that check the requests. */
export function openapiDocument() {
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Holdfast",
      version: "1.0.0",
      description:
        "Highly available Kubernetes clusters on AWS that heal themselves. See docs/api.md: authentication, polling, pages, errors. Requests to `/` are signed with Signature Version 4; those to `/token` carry a bearer token, where an issuer is configured.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [
      { url: "/", description: "Signed" },
      { url: "/token", description: "With a token" },
    ],
    tags: [
      { name: "Clusters", description: "Create, look at, change, delete." },
      { name: "Operations", description: "What is under way, and what has happened." },
      { name: "Chat", description: "Where chats send their commands." },
      { name: "About", description: "This API." },
    ],
    security: [{ sigv4: [] }, { token: [] }],
    paths: pathsOf(ROUTES),
    components: {
      schemas: {
        Cluster: ClusterViewSchema,
        Operation: OperationViewSchema,
        Event: EventViewSchema,
        Deletion: DeletionViewSchema,
        PlannedCluster: PlannedClusterSchema,
        Problem: ProblemDocumentSchema,
        Refusal,
        Spec: SpecDocument,
        SpecPatch: SpecPatchDocument,
      },
      examples: Object.fromEntries(
        Object.entries({ ...EXAMPLES, ...problemExamples }).map(([name, value]) => [name, { value }]),
      ),
      securitySchemes: {
        sigv4: {
          type: "apiKey",
          name: "Authorization",
          in: "header",
          description:
            "AWS Signature Version 4 for service `execute-api`; IAM's policies say who may call which route.",
        },
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "RS256, for the configured audience.",
        },
      },
    },
  });
}

function pathsOf(routes: Readonly<Record<string, ApiRoute>>) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [operationId, route] of Object.entries(routes)) {
    const [method = "", path = ""] = route.request.route.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(operationId, route) };
  }
  return paths;
}

function operationOf(operationId: string, route: ApiRoute): ZodOpenApiOperationObject {
  const { request, summary, description, tag, body, chat } = route;
  const { path, query, headers: header } = request;
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(request.action === null ? { security: [] } : {}),
    ...(request.action === "join" ? { security: [{ sigv4: [] }] } : {}),
    requestParams: { ...(path && { path }), ...(query && { query }), ...(header && { header }) },
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: body.schema, ...shownBy(body.example) } },
      },
    }),
    ...(chat && {
      requestBody: {
        required: true,
        description: chat.description,
        content: { [chat.mediaType]: { schema: z.looseObject({}) } },
      },
    }),
    responses: responsesOf(route),
  };
}

function responsesOf({ request, answers, problems, body }: ApiRoute) {
  const own = Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)] as const);
  const common = request.action === null ? (["internal"] as const) : COMMON_PROBLEMS;
  const names: ProblemName[] = [...common, ...problems, ...(body ? (["too-large"] as const) : [])];
  const byStatus = Map.groupBy(names, (name) => problemRow(name).status);
  const refused = [...byStatus].map(
    ([status, alike]) => [String(status), problemOf(status, alike, request.action)] as const,
  );
  const unknownCaller = request.action === null || request.action === "join" ? {} : { 401: UNAUTHORIZED };
  return Object.fromEntries([...own, ...Object.entries(unknownCaller), ...refused]);
}

const UNAUTHORIZED: ZodOpenApiResponseObject = {
  id: "unauthorized",
  description: "Below `/token`: no token, or none that API Gateway takes.",
  content: { "application/json": { schema: Refusal, example: { message: "Unauthorized" } } },
};

function responseOf({ description, schema, example, headers = {} }: Answer): ZodOpenApiResponseObject {
  return {
    description,
    headers: {
      ...REQUEST_ID,
      ...Object.fromEntries(
        Object.entries(headers).map(([name, meaning]) => [
          name,
          { description: meaning, schema: { type: "string" as const } },
        ]),
      ),
    },
    ...(schema && { content: { "application/json": { schema, ...shownBy(example) } } }),
  };
}

/** Examples that more than one answer shows, by name. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  Cluster: CLUSTER_EXAMPLE,
  Operation: OPERATION_EXAMPLE,
  PlannedCluster: PLAN_EXAMPLE,
};
const problemExamples = Object.fromEntries(PROBLEM_NAMES.map((name) => [name, problemExample(name)]));

function refTo(name: string) {
  return { $ref: `#/components/examples/${name}` };
}

function shownBy(example: unknown) {
  const [name] = Object.entries(EXAMPLES).find(([, value]) => value === example) ?? [];
  if (name !== undefined) return { examples: { [name.toLowerCase()]: refTo(name) } };
  return example === undefined ? {} : { example };
}

/** Statuses with which API Gateway itself refuses, before any of our code runs. */
const OF_THE_GATEWAY = new Set([403, 413, 429, 500, 503]);
const HAS_RETRY_AFTER = new Set([409, 429, 503]);

/** One object for what is the same, so that the document has it once. */
function problemOf(status: number, names: readonly ProblemName[], action: string | null): ZodOpenApiResponseObject {
  const id = `${action === null ? "open-" : ""}${names.join("-or-")}`;
  const known = problemResponses.get(id);
  if (known) return known;
  const fromGateway = OF_THE_GATEWAY.has(status) && action !== null;
  const response: ZodOpenApiResponseObject = {
    id,
    description: names.map((name) => `${problemRow(name).title} (\`${name}\`)`).join("; "),
    headers: { ...REQUEST_ID, ...(HAS_RETRY_AFTER.has(status) ? RETRY_AFTER : {}) },
    content: {
      "application/problem+json": {
        schema: ProblemDocumentSchema,
        examples: Object.fromEntries(names.map((name) => [name, refTo(name)])),
      },
      ...(fromGateway ? { "application/json": { schema: Refusal, example: { message: "Forbidden" } } } : {}),
    },
  };
  problemResponses.set(id, response);
  return response;
}

const problemResponses = new Map<string, ZodOpenApiResponseObject>();

/** Writes the document, and the client that is generated from it. */
export async function buildOpenapi(): Promise<void> {
  await mkdir(join(ROOT, "dist"), { recursive: true });
  await writeFile(OPENAPI_FILE, `${JSON.stringify(openapiDocument(), undefined, 2)}\n`);
  const oazapfts = join(ROOT, "node_modules/.bin/oazapfts");
  await promisify(execFile)(oazapfts, [OPENAPI_FILE, CLIENT_FILE]);
  // It is checked under weaker settings than ours.
  await writeFile(CLIENT_FILE, `// @ts-nocheck\n${await readFile(CLIENT_FILE, "utf8")}`);
}

if (import.meta.main) await buildOpenapi();

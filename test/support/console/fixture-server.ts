import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { EndpointView } from "../../../functions/domain/api/endpoint-views.ts";
import { PLAN_EXAMPLE, problemExample } from "../../../functions/domain/api/examples.ts";
import type { RolloutView } from "../../../functions/domain/api/rollout-views.ts";
import type { ClusterView } from "../../../functions/domain/api/views.ts";
import { SIGN_IN_PATH } from "../../../functions/domain/console/targets.ts";
import { planCluster } from "../../../functions/domain/plan/plan.ts";
import { specFromDocument, specFromPatch } from "../../../functions/domain/spec/parse-spec.ts";
import type { SignIn } from "../../../functions/usecases/console/sign-in.ts";
import { buildConsole } from "../../../scripts/build-console.ts";
import { ENDPOINTS, WORLD, WORLDWIDE } from "./endpoint-fixtures.ts";
import { BACKUPS, CLUSTERS, CREATION, DELETION, EVENTS, REPAIR, RESTORE_PLAN } from "./fixtures.ts";
import { afterAction, FLEET, PLANNED, ROLLOUTS } from "./fleet-fixtures.ts";

/** What the server answers with; tests change it while it runs. */
export interface Stage {
  role: "admin" | "viewer" | "nobody";
  clusters: readonly ClusterView[];
  rollouts: readonly RolloutView[];
  endpoints: readonly EndpointView[];
  /** As the console's function tells its page; null: by the command line only. */
  signIn: SignIn | null;
  /** The issuer's token that opens a session. */
  token: string;
  /** Answers nothing, as when the API is down. */
  isDown: boolean;
  readonly requests: string[];
}

const ACTIONS = { admin: ["read", "create", "change", "repair", "delete"], viewer: ["read"], nobody: [] } as const;

/** The console with an API that only shows fixtures: states that a cloud is rarely in. */
export async function serveFixtures(contentPolicy: string) {
  const files = await buildConsole();
  const stage: Stage = {
    role: "admin",
    clusters: CLUSTERS,
    rollouts: [...ROLLOUTS, WORLDWIDE],
    endpoints: ENDPOINTS,
    signIn: null,
    token: "",
    isDown: false,
    requests: [],
  };
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (pathname === `/console/${SIGN_IN_PATH}`) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ signIn: stage.signIn }));
      return;
    }
    if (pathname.startsWith("/console")) {
      const file = files[pathname.slice("/console/".length)] ?? files["index.html"];
      if (!file) throw new Error("there is no page");
      const headers = {
        "content-type": file.type,
        "content-encoding": "gzip",
        "content-security-policy": contentPolicy,
      };
      response.writeHead(200, headers).end(Buffer.from(file.gzip, "base64"));
      return;
    }
    if (stage.isDown) return void request.socket.destroy();
    stage.requests.push(`${request.method} ${pathname}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
    if (pathname === "/token/console-sessions") {
      const isKnown = request.headers.authorization === `Bearer ${stage.token}`;
      const document = isKnown ? { code: "code-of-the-api" } : { detail: "Unauthorized" };
      response.writeHead(isKnown ? 201 : 401, { "content-type": "application/json" }).end(JSON.stringify(document));
      return;
    }
    if (request.method === "POST" && pathname === "/session/self" && hasText(body, "code")) stage.role = "admin";
    const { status, document } = answerOf(stage, request.method ?? "", pathname.replace("/session", ""), body);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    stage,
    url: `http://127.0.0.1:${port}/console/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answerOf(stage: Stage, method: string, path: string, body: unknown): { status: number; document: unknown } {
  const { role, clusters } = stage;
  if (role === "nobody") return { status: 401, document: { ...problemExample("forbidden"), status: 401, detail: "" } };
  if (method === "GET" && path === "/self")
    return ok({
      principal: `iam:arn:aws:sts::111122223333:assumed-role/${role}/ada`,
      grants: [{ actions: ACTIONS[role], clusters: "*" }],
    });
  if (path === "/self") return ok({});
  if (path === "/clusters") return ok({ items: clusters });
  // To who may not read all clusters the API shows none.
  if (path === "/endpoints") return ok({ items: stage.endpoints });
  if (path === "/plan") return planOf(body);
  const [, kind = "", name = "", list = "", sub = ""] = path.split("/").map(decodeURIComponent);
  if (method !== "GET" && role === "viewer") return { status: 403, document: problemExample("forbidden") };
  if (kind === "fleets") return fleetOf(stage, name, list, sub);
  if (kind === "rollouts") return rolloutOf(stage, method, name, body);
  if (path.startsWith("/operations/")) return ok(name === CREATION.id ? CREATION : REPAIR);
  const cluster = clusters.find((each) => each.name === name);
  if (!cluster) return { status: 404, document: problemExample("cluster-unknown") };
  if (method === "PATCH") return changeOf(cluster, body);
  if (list === "restore" && sub === "plan")
    return cluster.quorum.healthy < cluster.quorum.needed || isMeant(body)
      ? ok(RESTORE_PLAN)
      : { status: 409, document: problemExample("restore-refused") };
  const lists: Readonly<Record<string, unknown>> = {
    "": cluster,
    events: { items: EVENTS },
    operations: { items: [REPAIR, CREATION] },
    backups: { items: BACKUPS },
    resources: DELETION,
  };
  return ok(lists[list]);
}

function ok(document: unknown) {
  return { status: 200, document };
}

function isMeant(body: unknown): boolean {
  return typeof body === "object" && body !== null && "evenThoughHealthy" in body;
}

function fleetOf({ rollouts }: Stage, name: string, list: string, sub: string) {
  if (name === "") return ok({ items: [FLEET] });
  if (name === WORLD.name && list === "") return ok(WORLD);
  if (sub === "plan") return ok({ rollout: PLANNED, left: ["old.example.com"] });
  return list === "rollouts" ? ok({ items: rollouts }) : ok({ ...FLEET, name });
}

function rolloutOf(stage: Stage, method: string, id: string, body: unknown) {
  const found = stage.rollouts.find((each) => each.id === id);
  if (!found) return { status: 404, document: problemExample("rollout-unknown") };
  if (method === "GET" || !hasText(body, "action")) return ok(found);
  const next = afterAction(found, body.action);
  stage.rollouts = stage.rollouts.map((each) => (each.id === id ? next : each));
  return ok(next);
}

function hasText<Key extends string>(body: unknown, key: Key): body is Record<Key, string> {
  return (
    typeof body === "object" &&
    body !== null &&
    typeof Object.entries(body).find(([name]) => name === key)?.[1] === "string"
  );
}

/** A dry run of a change; nothing here is changed for real. */
function changeOf(cluster: ClusterView, body: unknown) {
  const document = typeof body === "object" && body !== null && "spec" in body ? body.spec : undefined;
  const parsed = specFromPatch(cluster.spec, { document });
  if (parsed.ok) return ok(planCluster(parsed.spec, [...parsed.warnings, ...PLAN_EXAMPLE.warnings]));
  return { status: 422, document: { ...problemExample("spec-rejected"), problems: parsed.problems } };
}

function planOf(body: unknown) {
  const spec = typeof body === "object" && body !== null && "spec" in body ? body.spec : undefined;
  const parsed = specFromDocument(spec);
  if (parsed.ok) return ok(planCluster(parsed.spec, [...parsed.warnings, ...PLAN_EXAMPLE.warnings]));
  return { status: 422, document: { ...problemExample("spec-rejected"), problems: parsed.problems } };
}

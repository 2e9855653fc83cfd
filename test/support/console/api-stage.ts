import { once } from "node:events";
import * as lambdaSdk from "@aws-sdk/client-lambda";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { vi } from "vitest";
import { SESSION_ROUTES } from "../../../functions/domain/api/session-routes.ts";
import { PAGES_ROUTE, SESSION_ROUTE } from "../../../functions/domain/console/targets.ts";
import { recoverRecord } from "../../../functions/domain/deletion/deletion.ts";
import { keys } from "../../../functions/store/keys.ts";
import { consolePage } from "../../../local/cloud/console-page.ts";
import { createHttpApi, type HttpApi } from "../../../local/httpapi/http-api.ts";
import type { ApiRoute } from "../../../local/httpapi/model.ts";
import { createHttpServer } from "../../../local/httpapi/server.ts";
import { createTokenIssuer } from "../../../local/httpapi/token-issuer.ts";
import { testContext } from "../../../local/testing/context.ts";
import { CLUSTER_TABLE, startDynamoDb } from "../../../local/testing/dynamodb.ts";
import { startWire } from "../../../local/testing/wire.ts";
import { defineService } from "../../../local/wire/service.ts";
import { buildConsole } from "../../../scripts/build-console.ts";
import { setEnvironment } from "../environment.ts";

type Handler = (event: unknown, context: never) => Promise<unknown>;

const FUNCTIONS = ["list-clusters", "get-operation", "list-events", "list-operations"] as const;
const ARN = "arn:aws:lambda:us-west-2:123456789012:function:";

/** The console and the API's own functions behind API Gateway, DynamoDB and Lambda of the local cloud: no hosts, no flows. */
export async function openApiStage(clusters: readonly string[]) {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  for (const name of clusters) {
    const record = recoverRecord({ name, uid: name, region: "us-west-2", zones: [] }, new Date());
    const Item = { ...keys.cluster(name), kind: "CLUSTER", name, record };
    await dynamodb.documents.send(new PutCommand({ TableName: "clusters", Item }));
  }
  const handlers = new Map<string, Handler>();
  const invoke = async (name: string, event: unknown) => JSON.stringify(await handlers.get(name)?.(event, {} as never));
  const lambda = await startWire({
    services: [
      defineService(lambdaSdk, "LambdaClient", {
        Invoke: async ({ FunctionName = "", Payload }) => ({
          StatusCode: 200,
          Payload: Uint8ArrayBlobAdapter.fromString(
            await invoke(
              FunctionName,
              JSON.parse(Payload instanceof Uint8Array ? Buffer.from(Payload).toString("utf8") : "{}"),
            ),
          ),
        }),
      }),
    ],
  });
  const endpoint = await dynamodb.client.config.endpoint?.();
  setEnvironment({
    AWS_ENDPOINT_URL: `http://${endpoint?.hostname}:${endpoint?.port}`,
    AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "holdfast",
    AWS_SECRET_ACCESS_KEY: "holdfast",
    CLUSTER_TABLE: "clusters",
    ROUTE_FUNCTIONS: JSON.stringify(Object.fromEntries(FUNCTIONS.map((name) => [name, name]))),
  });
  vi.stubGlobal("CONSOLE_FILES", await buildConsole());
  vi.stubGlobal("CONSOLE_ROUTES", SESSION_ROUTES);
  for (const name of [...FUNCTIONS, "console"]) {
    const { handler }: { handler: Handler } = await import(`../../../functions/api/${name}.ts`);
    handlers.set(name, handler);
  }
  const http = await serve((name, payload) => invoke(name.replace(ARN, ""), JSON.parse(payload)));
  return {
    url: http.url,
    [Symbol.asyncDispose]: async () => {
      http.close();
      await Promise.all([lambda[Symbol.asyncDispose](), dynamodb[Symbol.asyncDispose]()]);
    },
  };
}

async function serve(invoke: (name: string, payload: string) => Promise<string>) {
  const api: { current?: HttpApi } = {};
  let url = "";
  const tokens = createTokenIssuer("/_issuer", () => `${url}/_issuer`, Date.now);
  const server = createHttpServer({
    api: () => api.current,
    log: () => undefined,
    pages: { ...tokens.pages, "GET /console/": consolePage(() => api.current, tokens) },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const jwt = { issuer: `${url}/_issuer`, audience: ["holdfast"] };
  const ofConsole = { functionArn: `${ARN}console`, timeoutMs: 30_000 };
  const routes: readonly ApiRoute[] = [
    { routeKey: PAGES_ROUTE, authorizationType: "NONE", ...ofConsole },
    { routeKey: SESSION_ROUTE, authorizationType: "NONE", ...ofConsole },
    { routeKey: "POST /token/console-sessions", authorizationType: "JWT", jwt, ...ofConsole },
  ];
  api.current = createHttpApi(
    testContext(),
    { apiId: "a1b2c3", routes },
    {
      mayInvoke: () => true,
      lambda: {
        allows: () => true,
        invoke: async (name, payload) => ({ requestId: "r", payload: await invoke(name, payload) }),
      },
    },
  );
  return {
    url,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

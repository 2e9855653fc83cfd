import { parseArgs } from "node:util";
import fc from "fast-check";
import * as z from "zod";
import { openapiDocument } from "../../scripts/openapi.ts";
import buildProduct from "../support/build-product.ts";
import { eventually, startScenario } from "../support/scenario.ts";
import { answerCheckOf, type FuzzAnswer } from "./check-answer.ts";
import { Document, type Target, targetsOf } from "./document.ts";
import { type FuzzRequest, requestsOf } from "./requests.ts";

const USAGE = "usage: npm run fuzz -- [--runs N] [--seed S] [--operation ID]";
const CLUSTER = "fuzz.example.com";

/**
 * `npm run fuzz`: sends a local cloud requests made from the OpenAPI document, valid and invalid ones, and holds the
 * answers against it. Prints how often each status came; exit code 1 with the smallest request that broke something.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "60" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      operation: { type: "string", default: "" },
    },
  });
  const document = Document.parse(JSON.parse(JSON.stringify(openapiDocument())));
  const targets = targetsOf(document).filter(({ operation }) => operation.operationId.startsWith(values.operation));
  if (targets.length === 0) {
    console.error(USAGE);
    process.exit(2);
  }
  await buildProduct();
  // The limit would hide everything behind 429.
  await using scenario = await startScenario({ hosts: "simulated", parameters: { RequestsPerMinute: "1000000" } });
  const { api } = scenario.cloud.endpoints;
  const token = await adminToken(api);
  await scenario.holdfast("create", "cluster", "--zones", "us-west-2a", CLUSTER, "--yes");
  const known = { name: CLUSTER, id: await operationOf(scenario.holdfast) };
  await eventually(
    () => scenario.cluster(CLUSTER),
    ({ status }) => status === "ACTIVE",
    60_000,
  );

  const checkAnswer = answerCheckOf(document);
  const seed = Number(values.seed);
  const counts: Record<string, Record<number, number>> = {};
  // What destroys comes last.
  for (const target of targets.toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"))) {
    const seen: Record<number, number> = {};
    const property = fc.asyncProperty(requestsOf(document, target, known), async (request) => {
      const answer = await send(api, token, target, request);
      seen[answer.status] = (seen[answer.status] ?? 0) + 1;
      const wrong = checkAnswer(target, request, answer);
      if (wrong !== undefined) throw new Error(wrong);
    });
    const result = await fc.check(property, { numRuns: Number(values.runs), seed });
    counts[target.operation.operationId] = seen;
    console.error(`${target.operation.operationId} ${JSON.stringify(seen)}`);
    if (!result.failed) continue;
    console.log(
      JSON.stringify({ seed, operation: target.operation.operationId, request: result.counterexample }, null, 1),
    );
    console.log(String(result.errorInstance));
    process.exitCode = 1;
    return;
  }
  console.log(JSON.stringify({ seed, runs: Number(values.runs), counts }));
}

async function send(api: string, token: string, { operation }: Target, request: FuzzRequest): Promise<FuzzAnswer> {
  const url = new URL(`${api}${operation.security?.length === 0 ? "" : "/token"}${request.path}`);
  for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, value);
  const answer = await fetch(url, {
    method: request.method,
    headers: { ...request.headers, authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  return {
    status: answer.status,
    contentType: answer.headers.get("content-type") ?? "",
    requestId: answer.headers.get("x-request-id"),
    text: await answer.text(),
  };
}

async function adminToken(api: string): Promise<string> {
  const answer = await fetch(`${api}/_issuer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ claims: { holdfast_role: "admin" }, lifetime: 86_400 }),
  });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

async function operationOf(holdfast: (...args: string[]) => Promise<{ stdout: string }>): Promise<string> {
  const { stdout } = await holdfast("get", "operations", CLUSTER, "-o", "json");
  const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(JSON.parse(stdout));
  return items[0]?.id ?? "";
}

await main();

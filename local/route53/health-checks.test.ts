import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { HealthCheckConfig } from "@aws-sdk/client-route-53";
import { describe, expect, onTestFinished, test } from "vitest";
import { client, recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { isHealthy } from "./checkers.ts";
import { type ProbeResult, probeEndpoint } from "./probe.ts";
import { createRoute53 } from "./route53.ts";

const endpoint: HealthCheckConfig = { Type: "HTTPS", FullyQualifiedDomainName: "app.example.com" };

function stage(results: () => ProbeResult = () => ({ healthy: true, text: "Success" })) {
  const clock = new VirtualClock();
  const asked: number[] = [];
  const probe = async () => {
    asked.push(clock.now());
    return results();
  };
  const route53 = createRoute53(recordingContext(clock), { probe, checkSecond: 10 });
  const aws = client(route53.handlers);
  const create = (HealthCheckConfig: HealthCheckConfig, CallerReference = "1") =>
    aws("CreateHealthCheck", { CallerReference, HealthCheckConfig });
  return { aws, clock, create, asked, route53 };
}

describe("CreateHealthCheck", () => {
  test("fills in the defaults", async () => {
    const { create } = stage();

    const { HealthCheck } = await create(endpoint);

    expect(HealthCheck?.HealthCheckConfig).toEqual({
      ...endpoint,
      Port: 443,
      RequestInterval: 30,
      FailureThreshold: 3,
      MeasureLatency: false,
      Inverted: false,
      Disabled: false,
      EnableSNI: true,
    });
    expect(HealthCheck?.HealthCheckVersion).toBe(1);
  });

  test("the same reference gives the same check, other settings or a deleted check an error", async () => {
    const { aws, create } = stage();
    const { HealthCheck } = await create(endpoint);
    const again = await create(endpoint);
    const refused = { code: "HealthCheckAlreadyExists", status: 409 };

    expect(again.HealthCheck?.Id).toBe(HealthCheck?.Id);
    await expect(create({ ...endpoint, Port: 8443 })).rejects.toMatchObject(refused);
    await aws("DeleteHealthCheck", { HealthCheckId: HealthCheck?.Id });
    await expect(create(endpoint)).rejects.toMatchObject(refused);
    await expect(aws("GetHealthCheck", { HealthCheckId: HealthCheck?.Id })).rejects.toMatchObject({
      code: "NoSuchHealthCheck",
      status: 404,
    });
  });

  test.each<[HealthCheckConfig, string]>([
    [
      { Type: "TCP", Port: 80, IPAddress: "192.0.2.1", FullyQualifiedDomainName: "app.example.com" },
      "TCP health checks that have IP address must not have a fully qualified domain name specified.",
    ],
    [
      { ...endpoint, AlarmIdentifier: { Name: "a", Region: "us-east-1" } },
      "Invalid parameter : Basic health checks must not have a metric region specified.",
    ],
    [
      { ...endpoint, InsufficientDataHealthStatus: "Healthy" },
      "Invalid parameter : Basic health checks must not have an insufficient data health state specified.",
    ],
    [
      { Type: "HTTP" },
      "Invalid parameter : Basic health checks must have an IP address or a fully qualified domain name",
    ],
    [{ ...endpoint, RequestInterval: 15 }, "Invalid parameter : Request interval must be 10 or 30."],
    [{ ...endpoint, SearchString: "ok" }, "Invalid parameter : HTTPS health checks must not have a search string"],
    [{ ...endpoint, Type: "HTTPS_STR_MATCH" }, "HTTPS_STR_MATCH health checks must have a search string specified."],
    [{ Type: "TCP", FullyQualifiedDomainName: "a.example.com" }, "TCP health checks must have a port specified."],
    [{ Type: "HTTP", IPAddress: "10.0.0.1" }, "10.0.0.1 is not a public IP address"],
    [{ Type: "HTTP", IPAddress: "172.20.1.1" }, "172.20.1.1 is not a public IP address"],
    [{ Type: "CALCULATED" }, "Health checks of type CALCULATED are not supported by this local cloud."],
  ])("%j is refused", async (config, message) => {
    const { create } = stage();

    const refused = create(config);

    await expect(refused).rejects.toMatchObject({ code: "InvalidInput" });
    await expect(refused).rejects.toThrow(message);
  });

  test("an account has at most 200", async () => {
    const { create } = stage();
    for (let index = 0; index < 200; index += 1) await create(endpoint, String(index));

    await expect(create(endpoint, "another")).rejects.toMatchObject({ code: "TooManyHealthChecks" });
  });
});

test("checks are listed in pages, counted, updated by version, and tagged", async () => {
  const { aws, create } = stage();
  const ids = [];
  for (const reference of ["1", "2", "3"]) ids.push((await create(endpoint, reference)).HealthCheck?.Id ?? "");
  const [HealthCheckId = ""] = ids;

  const first = await aws("ListHealthChecks", { MaxItems: 2 });
  const rest = await aws("ListHealthChecks", { MaxItems: 2, Marker: first.NextMarker });
  expect([...(first.HealthChecks ?? []), ...(rest.HealthChecks ?? [])].map(({ Id }) => Id)).toEqual(ids.toSorted());
  expect((await aws("GetHealthCheckCount", {})).HealthCheckCount).toBe(3);
  const updated = await aws("UpdateHealthCheck", { HealthCheckId, HealthCheckVersion: 1, ResourcePath: "/healthz" });
  expect(updated.HealthCheck).toMatchObject({
    HealthCheckVersion: 2,
    HealthCheckConfig: { Type: "HTTPS", ResourcePath: "/healthz" },
  });
  await expect(aws("UpdateHealthCheck", { HealthCheckId, HealthCheckVersion: 1 })).rejects.toMatchObject({
    code: "HealthCheckVersionMismatch",
    status: 409,
  });
  await aws("ChangeTagsForResource", {
    ResourceType: "healthcheck",
    ResourceId: HealthCheckId,
    AddTags: [{ Key: "fleet", Value: "prod" }],
  });
  const tags = await aws("ListTagsForResources", { ResourceType: "healthcheck", ResourceIds: ids });
  expect(tags.ResourceTagSets?.map(({ Tags }) => Tags)).toEqual([[{ Key: "fleet", Value: "prod" }], [], []]);
});

test("an endpoint is asked each interval, and its state changes after the threshold, both ways", async () => {
  let healthy = false;
  const { aws, clock, create, asked, route53 } = stage(() => ({ healthy, text: healthy ? "Success" : "Failure: no" }));
  const made = await create({ ...endpoint, RequestInterval: 10, FailureThreshold: 3 });
  const HealthCheckId = made.HealthCheck?.Id ?? "";
  const state = () => route53.snapshot().healthChecks[HealthCheckId]?.healthy;

  expect(state()).toBe(true);
  await clock.advance(250);
  expect([asked.length, state()]).toEqual([3, false]);
  expect((await aws("GetHealthCheckStatus", { HealthCheckId })).HealthCheckObservations).toHaveLength(8);
  healthy = true;
  await clock.advance(210);
  expect(state()).toBe(false);
  await clock.advance(100);
  expect(state()).toBe(true);
  const { HealthCheckObservations: now } = await aws("GetHealthCheckStatus", { HealthCheckId });
  const { HealthCheckObservations: failed } = await aws("GetHealthCheckLastFailureReason", { HealthCheckId });
  expect([now?.[0]?.StatusReport?.Status, failed?.[0]?.StatusReport?.Status]).toEqual(["Success", "Failure: no"]);
});

test("a disabled check asks nothing", async () => {
  const { clock, create, asked } = stage(() => ({ healthy: false, text: "Failure" }));
  await create({ ...endpoint, Disabled: true });

  await clock.advance(5_000);

  expect(asked).toEqual([]);
});

test("an inverted check is healthy where its endpoint is not, also while it is disabled", () => {
  const check = { id: "1", callerReference: "1", version: 1, tags: {}, streak: 0 };
  const config = { Type: "HTTP" } as const;

  expect(isHealthy({ ...check, config, healthy: true })).toBe(true);
  expect(isHealthy({ ...check, config: { ...config, Inverted: true }, healthy: true })).toBe(false);
  expect(isHealthy({ ...check, config: { ...config, Inverted: true }, healthy: false })).toBe(true);
  expect(isHealthy({ ...check, config: { ...config, Disabled: true }, healthy: false })).toBe(true);
  expect(isHealthy({ ...check, config: { ...config, Disabled: true, Inverted: true }, healthy: false })).toBe(false);
});

describe("real probes", () => {
  const limits = { connectMs: 1_000, answerMs: 300 };

  async function webServer(status: number, body = "", delayMs = 0) {
    const hosts: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      hosts.push(request.headers.host);
      setTimeout(() => response.writeHead(status).end(body), delayMs);
    });
    const port = await listen(server);
    return { at: { host: "127.0.0.1", port }, hosts };
  }

  async function listen(server: ReturnType<typeof createTcpServer>): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  const http: HealthCheckConfig = { Type: "HTTP", FullyQualifiedDomainName: "app.example.com", ResourcePath: "/" };

  test.each([
    [200, true, "Success: HTTP Status Code 200, OK"],
    [302, true, "Success: HTTP Status Code 302, Found"],
    [503, false, "Failure: HTTP Status Code 503, Service Unavailable"],
  ])("an answer of %i is healthy: %s", async (status, healthy, text) => {
    const { at, hosts } = await webServer(status);

    expect(await probeEndpoint(http, at, limits)).toEqual({ healthy, text });
    expect(hosts).toEqual(["app.example.com"]);
  });

  test("an answer that is late, and nobody there, are unhealthy", async () => {
    const { at } = await webServer(200, "", 600);

    expect(await probeEndpoint(http, at, limits)).toMatchObject({ healthy: false });
    expect(await probeEndpoint(http, { host: "127.0.0.1", port: 1 }, limits)).toMatchObject({ healthy: false });
  });

  test("a string is searched for in the first 5,120 bytes", async () => {
    const { at } = await webServer(200, `${" ".repeat(5_118)}ok, and late`);
    const matching = (SearchString: string) => ({ ...http, Type: "HTTP_STR_MATCH" as const, SearchString });

    expect(await probeEndpoint(matching("ok"), at, limits)).toMatchObject({ healthy: true });
    expect(await probeEndpoint(matching("late"), at, limits)).toMatchObject({ healthy: false });
  });

  test("TCP asks for a connection only", async () => {
    const port = await listen(createTcpServer((socket) => socket.destroy()));
    const tcp: HealthCheckConfig = { Type: "TCP", FullyQualifiedDomainName: "app.example.com", Port: port };

    expect(await probeEndpoint(tcp, { host: "127.0.0.1", port }, limits)).toMatchObject({ healthy: true });
    expect(await probeEndpoint(tcp, { host: "127.0.0.1", port: 1 }, limits)).toMatchObject({ healthy: false });
  });
});

import { type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { connect } from "node:net";
import type { HealthCheckConfig } from "@aws-sdk/client-route-53";

/** What a health checker found: the text is that of GetHealthCheckStatus. */
export interface ProbeResult {
  readonly healthy: boolean;
  readonly text: string;
}

/** How long a checker waits for the connection, and then for the answer, in milliseconds. */
export interface ProbeLimits {
  readonly connectMs: number;
  readonly answerMs: number;
}

/** A string is searched for in the first 5,120 bytes of the body (HealthCheckConfig, SearchString). */
const SEARCHED_BYTES = 5_120;

const CONNECTION_FAILED =
  "Failure: Connection refused. The endpoint or the internet is down, or requests are being blocked by your firewall. See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-router-firewall-rules.html";
const CONNECTION_LATE = "Failure: The health checker could not establish a connection within the timeout limit.";

export const NAME_UNKNOWN = failure("Failure: DNS resolution failed: Rcode NXDomain(3).");
export const REFUSED = failure(CONNECTION_FAILED);

/** What a checker says of an endpoint of which only this is known: that it answers. */
export function answered({ Type }: HealthCheckConfig): ProbeResult {
  const text = Type === "TCP" ? "Success: TCP connection established." : "Success: HTTP Status Code 200, OK";
  return { healthy: true, text };
}

/** Asks an endpoint by TCP, HTTP or HTTPS, as the check says, at this address of the machine. */
export async function probeEndpoint(
  config: HealthCheckConfig,
  at: { readonly host: string; readonly port: number },
  limits: ProbeLimits,
): Promise<ProbeResult> {
  return config.Type === "TCP" ? await probeTcp(at, limits) : await probeHttp(config, at, limits);
}

function probeTcp(at: { host: string; port: number }, { connectMs }: ProbeLimits): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect(at);
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish(failure(CONNECTION_LATE)), connectMs);
    socket.once("connect", () => finish(answered({ Type: "TCP" })));
    socket.once("error", () => finish(REFUSED));
  });
}

/** Certificates are not validated ("How Route 53 determines whether a health check is healthy"). */
function probeHttp(
  config: HealthCheckConfig,
  at: { host: string; port: number },
  { connectMs, answerMs }: ProbeLimits,
): Promise<ProbeResult> {
  const { FullyQualifiedDomainName: name, ResourcePath: path = "/", SearchString: text } = config;
  const isTls = config.Type?.startsWith("HTTPS") ?? false;
  const options: RequestOptions & { rejectUnauthorized: boolean; servername?: string } = {
    ...at,
    path,
    agent: false,
    rejectUnauthorized: false,
    headers: { host: name ?? at.host, "user-agent": "Amazon-Route53-Health-Check-Service" },
    ...(isTls && config.EnableSNI && name !== undefined && { servername: name }),
  };
  return new Promise((resolve) => {
    const probe = (isTls ? requestHttps : requestHttp)(options, (response) => {
      const status = `HTTP Status Code ${response.statusCode}, ${response.statusMessage}`;
      const { statusCode: code = 0 } = response;
      if (code < 200 || code >= 400) return finish(failure(`Failure: ${status}`));
      if (text === undefined) return finish({ healthy: true, text: `Success: ${status}` });
      let body = "";
      const search = (): void =>
        finish(
          body.slice(0, SEARCHED_BYTES).includes(text)
            ? { healthy: true, text: `Success: ${status}` }
            : failure(`Failure: ${status}. The search string was not found in the response body.`),
        );
      response.setEncoding("latin1");
      response.on("data", (chunk: string) => {
        body += chunk;
        if (body.length >= SEARCHED_BYTES) search();
      });
      response.on("end", search);
    });
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      probe.destroy();
      resolve(result);
    };
    let timer = setTimeout(() => finish(failure(CONNECTION_LATE)), connectMs);
    const onConnect = (): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => finish(failure("Failure: The endpoint did not answer within the timeout limit.")),
        answerMs,
      );
    };
    probe.once("socket", (socket) => socket.once("connect", onConnect));
    probe.once("error", () => finish(REFUSED));
    probe.end();
  });
}

function failure(text: string): ProbeResult {
  return { healthy: false, text };
}

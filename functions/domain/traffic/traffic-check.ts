import type { TrafficCheck } from "./traffic-records.ts";

const PORTS = { https: 443, http: 80 } as const;
const FORM = /^(https|http|tcp):(\d{1,5})?(\/[\x21-\x7e]{0,254})?$/;

/** `https:/healthz`, `http:8080/`, `tcp:443`: undefined for anything else. */
export function parseCheck(text: string): TrafficCheck | undefined {
  const [, protocol, digits, path = null] = FORM.exec(text) ?? [];
  if (protocol === "tcp") {
    const port = portOf(digits);
    return port === undefined || path !== null ? undefined : { protocol, port, path: null };
  }
  if (protocol !== "https" && protocol !== "http") return undefined;
  const port = digits === undefined ? PORTS[protocol] : portOf(digits);
  return port === undefined || path === null ? undefined : { protocol, port, path };
}

function portOf(digits = ""): number | undefined {
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

export function checkText({ protocol, port, path }: TrafficCheck): string {
  const isUsual = protocol !== "tcp" && port === PORTS[protocol];
  return `${protocol}:${isUsual ? "" : port}${path ?? ""}`;
}

/** US dollars a month for one check of a load balancer; HTTPS is an optional feature (aws.amazon.com/route53/pricing). */
export function monthlyCost({ protocol }: TrafficCheck): number {
  return protocol === "https" ? 1.5 : 0.5;
}

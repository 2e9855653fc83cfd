import type { IncomingMessage } from "node:http";

type Headers = IncomingMessage["headers"];

/**
 * Why a request is refused that a web page may have made this machine's browser send (local/README.md); undefined when it
 * may be answered. A Unix socket has no port, and no browser reaches it.
 */
export function refusalOf({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">): string | undefined {
  const { localPort } = socket;
  return localPort === undefined ? undefined : (foreignHost(headers, localPort) ?? foreignPage(headers));
}

/** A page may point a name of its own at 127.0.0.1 and is then of our origin, but for the name. */
function foreignHost({ host = "" }: Headers, port: number): string | undefined {
  const own = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`);
  // A browser leaves the port of plain HTTP out.
  const asked = port === 80 && !host.endsWith(":80") ? `${host}:80` : host;
  if (own.includes(asked.toLowerCase())) return undefined;
  return `The local cloud answers to ${own[0]}, ${own[1]} and ${own[2]} only, not to the host ${host}: a web page may have pointed that name here.`;
}

/** Requests of a page say where it is from; those of programs, and of addresses that a person types, do not. */
export function foreignPage({ host, origin, "sec-fetch-site": site }: Headers): string | undefined {
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase())
    return `The local cloud answers no request of a web page of ${origin}.`;
  if (site === "cross-site" || site === "same-site")
    return `The local cloud answers no request of a web page of another origin (Sec-Fetch-Site: ${site}).`;
  return undefined;
}

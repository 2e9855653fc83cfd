import { lookup } from "node:dns/promises";
import { request } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { CheckAnswer } from "../domain/fleet/rollout-checks.ts";

interface Address {
  readonly address: string;
  readonly family: number;
}

/** How names are found, and which addresses may be asked. */
export interface Network {
  readonly resolve: (host: string) => Promise<readonly Address[]>;
  readonly mayAsk: (address: string) => boolean;
  /** Authorities that are trusted, in place of those of Node. */
  readonly ca?: string;
}

const LIMIT_MS = 5_000;

/**
 * Asks addresses that a strategy names: https only, of public addresses only, without following a redirect. What is
 * resolved is what is asked, so that a name cannot mean another address in between. Nothing is sent but the request line,
 * and of the answer only the status is looked at. It never throws.
 */
export function openAskUrl({ resolve, mayAsk, ca }: Network = INTERNET): (url: string) => Promise<CheckAnswer> {
  return async (text) => {
    const url = URL.parse(text);
    if (url?.protocol !== "https:") return refused("its address is not https");
    const signal = AbortSignal.timeout(LIMIT_MS);
    try {
      const found = await within(signal, resolve(url.hostname.replace(/^\[|\]$/g, "")));
      const [first] = found.toSorted((a, b) => a.family - b.family);
      if (!first) return refused("its name has no address");
      if (!found.every(({ address }) => mayAsk(address))) return refused("its address is not a public one");
      return evaluate(await statusOf(url, first, { signal, ...(ca === undefined ? {} : { ca }) }));
    } catch (error) {
      return refused(signal.aborted ? "no answer within 5 seconds" : wordsOf(error));
    }
  };
}

function refused(answer: string): CheckAnswer {
  return { passed: false, answer };
}

function evaluate(status: number): CheckAnswer {
  const isRedirect = status >= 300 && status < 400;
  return {
    passed: status >= 200 && status < 300,
    answer: isRedirect ? `${status}, a redirect, which is not followed` : String(status),
  };
}

function statusOf(url: URL, to: Address, options: { signal: AbortSignal; ca?: string }): Promise<number> {
  const pinned: LookupFunction = (_host, { all }, answer) =>
    all ? answer(null, [to]) : answer(null, to.address, to.family);
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...options, agent: false, lookup: pinned }, (answer) => {
      resolve(answer.statusCode ?? 0);
      // Nobody reads the body.
      answer.destroy();
    });
    asked.on("error", reject);
    asked.end();
  });
}

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** Codes such as ECONNREFUSED: a message may name what is nobody's business. */
function wordsOf(error: unknown): string {
  const isCoded = error instanceof Error && "code" in error && typeof error.code === "string";
  return isCoded ? `no answer: ${error.code}` : "no answer";
}

/** Of the registries of special addresses: https://www.iana.org/assignments/iana-ipv4-special-registry */
const SPECIAL = blockList("ipv4", [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
  ...["172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"],
  ...["198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"],
]);
/** Global unicast is all of IPv6 that is public; of it these are tunnels to IPv4, and documentation. */
const UNICAST = blockList("ipv6", ["2000::/3"]);
const NOT_UNICAST = blockList("ipv6", ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);

function blockList(family: "ipv4" | "ipv6", blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [net = "", bits] = block.split("/");
    list.addSubnet(net, Number(bits), family);
  }
  return list;
}

/** Neither of a private network, nor of this machine, nor of a link, where a cloud's metadata is. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !SPECIAL.check(address, "ipv4");
  return family === 6 && UNICAST.check(address, "ipv6") && !NOT_UNICAST.check(address, "ipv6");
}

const INTERNET: Network = { resolve: (host) => lookup(host, { all: true }), mayAsk: isPublic };

import { createHash, randomUUID } from "node:crypto";
import jsonata from "jsonata";
import { parseJson } from "./json.ts";

/** Where the functions of the expression language get time and chance from, so that both can be virtual. */
export interface ExpressionHost {
  /** Milliseconds since the epoch. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
}

const RANGE_LIMIT = 1000;
const HASH_ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

const formatTime = jsonata("$fromMillis($milliseconds, $picture, $timezone)");

/**
 * The functions that Step Functions adds to JSONata ($partition $range $hash $random $uuid $parse), the one it takes away
 * ($eval), and the clock functions bound to the local cloud's clock.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function jsonataFunctions(host: ExpressionHost): Readonly<Record<string, unknown>> {
  return {
    partition,
    range,
    hash,
    parse: (text: string) => parseJson(text),
    uuid: () => randomUUID(),
    random: (seed?: number) => (seed === undefined ? host.random() : seededRandom(seed)),
    millis: () => host.now(),
    now: (picture?: string, timezone?: string) =>
      formatTime.evaluate(undefined, { milliseconds: host.now(), picture, timezone }),
    eval: () => {
      throw new Error("$eval is not supported by Step Functions; use $parse");
    },
  };
}

function partition(items: readonly unknown[], size: number): unknown[][] {
  if (!Array.isArray(items)) throw new Error("$partition expects an array");
  if (!Number.isInteger(size) || size < 1) throw new Error("$partition expects a positive chunk size");
  const chunks: unknown[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

/** From `first` to `last` inclusive. */
function range(first: number, last: number, step: number): number[] {
  if (step === 0) throw new Error("$range expects a step other than zero");
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (!(count <= RANGE_LIMIT)) throw new Error(`$range may give at most ${RANGE_LIMIT} numbers`);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

function hash(value: string, algorithm: string): string {
  const name = HASH_ALGORITHMS[algorithm];
  if (name === undefined) throw new Error(`$hash does not know the algorithm ${algorithm}`);
  return createHash(name).update(value).digest("hex");
}

/** The same number for the same seed; the sequence itself is not promised to equal AWS's. */
function seededRandom(seed: number): number {
  return createHash("sha256").update(String(seed)).digest().readUInt32BE() / 2 ** 32;
}

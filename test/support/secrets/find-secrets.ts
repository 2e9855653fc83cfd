import { gunzipSync } from "node:zlib";

/** A text in which no secret may stand, and how to find it again. */
export interface Place {
  readonly where: string;
  readonly text: string;
}

/** What looks like a secret, whosever it is. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a token of three parts (JWT)", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ["a kubeconfig's key", /client-key-data[\\"']*: *[\\"']*[A-Za-z0-9+/]{40}/],
  ["a bootstrap token", /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/],
];

/** Fields of settings that are secret; of an address its path, since the host is no secret. */
const SECRET_FIELD = /secret|token|password|url$/i;

/**
 * The parts of a secret's value by which it is found: of a private key in PEM the line with its number, of settings in JSON
 * what their secret fields hold, of anything else the whole.
 */
export function secretParts(value: string): string[] {
  const plain = value.replaceAll("\\n", "\n");
  const keys = [...plain.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----\n(?:.*\n)?(\S+)\n/g)].map(
    ([, line = ""]) => line,
  );
  if (keys.length > 0) return keys;
  if (plain.includes("-----BEGIN")) return [];
  return value.startsWith("{") ? secretFields(JSON.parse(value)) : [value];
}

function secretFields(settings: object): string[] {
  return Object.entries(settings).flatMap(([field, held]: [string, unknown]) => {
    if (typeof held === "object" && held !== null) return secretFields(held);
    if (typeof held !== "string" || !SECRET_FIELD.test(field)) return [];
    const { pathname = held } = URL.parse(held) ?? {};
    return pathname.length < 2 ? [] : [pathname];
  });
}

/**
 * Every secret that stands in one of the places, as `WHERE: WHAT`. A place is searched as it is and, where it holds
 * base64, also as what that stands for, compressed or not.
 */
export function findSecrets(secrets: ReadonlyMap<string, string>, places: readonly Place[]): string[] {
  const found = places.flatMap(({ where, text }) => {
    const readings = [text, ...decoded(text)];
    const isIn = (test: (reading: string) => boolean) => readings.some(test);
    const named = [...secrets].filter(([part]) => isIn((reading) => reading.includes(part))).map(([, name]) => name);
    const shaped = SHAPES.filter(([, shape]) => isIn((reading) => shape.test(reading))).map(([what]) => what);
    return [...named, ...shaped].map((what) => `${where}: ${what}`);
  });
  return [...new Set(found)];
}

const BASE64 = /[A-Za-z0-9+/]{200,}={0,2}/g;

function decoded(text: string): string[] {
  return [...text.matchAll(BASE64)].map(([word]) => {
    const bytes = Buffer.from(word, "base64");
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
  });
}

import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const ROOMS = ["functions", "client", "cli", "console", "infra", "local", "scripts", "bench", "test"];

interface Import {
  readonly from: string;
  readonly to: string;
  /** Only types: nothing of it is left when the code runs. */
  readonly typeOnly: boolean;
}

/** `import … from "./x"`, `export … from "./x"`, `import("./x")`. */
const STATIC = /^(?:import|export)\s+(type\s)?(?:[^;"]*?from\s*)?"(\.{1,2}\/[^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"(\.{1,2}\/[^"]+)"/g;

function importsOf(from: string, text: string): Import[] {
  const resolve = (specifier = "") => normalize(join(dirname(from), specifier));
  return [
    ...[...text.matchAll(STATIC)].map(([, type, path]) => ({ from, to: resolve(path), typeOnly: type !== undefined })),
    ...[...text.matchAll(DYNAMIC)].map(([, path]) => ({ from, to: resolve(path), typeOnly: false })),
  ];
}

const files = globSync(
  ROOMS.map((room) => `${room}/**/*.{ts,tsx,mjs}`),
  { cwd: ROOT },
).toSorted();
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), "utf8")));

/** Tests may use whatever helps them: the boundaries are those of what runs. */
function isTest(path: string) {
  return /\.test\.ts$|^test\/|^local\/testing\//.test(path);
}

const product = imports.filter(({ from }) => !isTest(from));
function within(path: string, ...rooms: readonly string[]) {
  return rooms.some((room) => path.startsWith(`${room}/`));
}

function shown(found: readonly Import[]) {
  return found.map(({ from, to }) => `${from} -> ${to}`);
}

test("nothing that runs imports a test or its support", () => {
  expect(shown(product.filter(({ to }) => isTest(to)))).toEqual([]);
});

/** Of Node only what computes; `ulid` reads the time in an id. */
const PURE_PACKAGES = ["node:crypto", "node:util", "node:zlib", "ulid", "zod"];
const IMPURE =
  /\bprocess\.(?:env|exit|stdout|hrtime)|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandom(?:UUID|Bytes)\b|\bulid\(|\bconsole\.(?:log|error|warn|info)\(/;

test("the domain knows no clock, no environment and no chance", () => {
  const domain = files.filter((file) => within(file, "functions/domain") && !isTest(file));

  expect(domain.filter((file) => IMPURE.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
});

test("the domain imports nothing of its siblings, and of packages only zod and what has no effect", () => {
  const domain = product.filter(({ from }) => within(from, "functions/domain"));

  expect(shown(domain.filter(({ to }) => !within(to, "functions/domain")))).toEqual([]);
  const packages = files
    .filter((file) => within(file, "functions/domain") && !isTest(file))
    .flatMap((file) => [...readFileSync(join(ROOT, file), "utf8").matchAll(/from "([^".][^"]*)"/g)])
    .map(([, name]) => name);
  expect([...new Set(packages)].toSorted()).toEqual(PURE_PACKAGES);
});

test("nothing imports the command line", () => {
  const allowed = (from: string) => within(from, "cli");
  expect(shown(product.filter(({ from, to }) => within(to, "cli") && !allowed(from)))).toEqual([]);
});

test("of functions only chat, and what calls another Holdfast, imports the client", () => {
  const found = product.filter(({ from, to }) => within(from, "functions") && within(to, "client"));

  expect(shown(found.filter(({ from }) => !within(from, "functions/chat", "functions/aws/holdfast")))).toEqual([]);
});

test("client and command line import of functions the domain only", () => {
  const found = product.filter(({ from, to }) => within(from, "client", "cli") && within(to, "functions"));

  expect(shown(found.filter(({ to }) => !within(to, "functions/domain")))).toEqual([]);
  expect(shown(product.filter(({ from, to }) => within(from, "client") && !within(to, "client", "functions")))).toEqual(
    [],
  );
});

test("functions import functions and the client; nothing else", () => {
  const found = product.filter(({ from }) => within(from, "functions"));

  expect(shown(found.filter(({ to }) => !within(to, "functions", "client")))).toEqual([]);
});

test("the local cloud and the functions never import each other", () => {
  const crossing = ({ from, to }: Import) =>
    (within(from, "local") && within(to, "functions")) || (within(from, "functions") && within(to, "local"));

  expect(shown(product.filter(crossing))).toEqual([]);
});

test("infrastructure imports nothing of the local cloud, the client or the command line", () => {
  const found = product.filter(({ from }) => within(from, "infra"));

  expect(shown(found.filter(({ to }) => within(to, "local", "client", "cli")))).toEqual([]);
});

test("the console imports itself, the words for durations, and types of the API's generated client", () => {
  const found = product.filter(({ from, to }) => within(from, "console") && !within(to, "console"));
  const files = (those: readonly Import[]) => [...new Set(those.map(({ to }) => to))];

  expect(files(found.filter(({ typeOnly }) => !typeOnly))).toEqual(["client/durations.ts"]);
  expect(files(found.filter(({ typeOnly }) => typeOnly))).toEqual(["dist/holdfast-api.ts"]);
  expect(shown(product.filter(({ from, to }) => within(to, "console") && !within(from, "console")))).toEqual([]);
});

/** Circles as Tarjan finds them: groups of files of which each reaches every other. */
function circlesOf(edges: readonly Import[]): string[][] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const [order, lowest] = [new Map<string, number>(), new Map<string, number>()];
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    stack.push(file);
    let low = own;
    for (const { to } of next.get(file) ?? []) {
      if (!order.has(to)) low = Math.min(low, visit(to));
      else if (stack.includes(to)) low = Math.min(low, order.get(to) ?? own);
    }
    lowest.set(file, low);
    if (low === own) {
      const circle = stack.splice(stack.indexOf(file));
      if (circle.length > 1) circles.push(circle.toSorted());
    }
    return low;
  };
  for (const file of next.keys()) if (!order.has(file)) visit(file);
  return circles;
}

test("no circles: nowhere when the code runs, and in the product not of types either", () => {
  expect(circlesOf(imports.filter(({ typeOnly }) => !typeOnly))).toEqual([]);
  expect(circlesOf(product.filter(({ from }) => !within(from, "local")))).toEqual([]);
});

test("circles are found", () => {
  const edge = (from: string, to: string): Import => ({ from, to, typeOnly: false });

  expect(circlesOf([edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("c", "d")])).toEqual([["a", "b", "c"]]);
});

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = "functions|client|cli|statemachines|infra|local|scripts|bench|test|docs";

const documents = globSync("**/*.md", {
  cwd: ROOT,
  exclude: ["**/node_modules", "dist", "cdk.out", ".holdfast", "coverage"],
}).toSorted();
/** Names files of other repositories. */
const OF_OTHERS = "docs/references/downloads.md";
function textOf(document: string): string {
  return readFileSync(join(ROOT, document), "utf8");
}

/** GitHub's anchor of a heading: lower case, no punctuation, hyphens for spaces. */
function anchorOf(heading: string): string {
  return heading
    .replace(/`|\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function anchorsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading.trim()));
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id)];
}

/** What is wrong with the links of one document, in the order of the text. */
function brokenLinks(document: string): string[] {
  return [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? join(ROOT, document) : join(ROOT, dirname(document), path);
    if (!existsSync(target)) return [`${document}: ${link}: no such file`];
    if (anchor === undefined || !target.endsWith(".md") || anchorsOf(target).includes(anchor)) return [];
    return [`${document}: ${link}: no such heading`];
  });
}

/** Paths of the repository in the text. `<name>` stands for any name, `*` and `{a,b}` are as in a shell. */
function pathsIn(text: string): string[] {
  const pattern = new RegExp(`(?<![\\w/.@-])(?:${FOLDERS})/[\\w./<>*{},-]*`, "g");
  return [...text.matchAll(pattern)].map(([path]) => path.replace(/[.,]+$/, "").replace(/<[^>]*>/g, "*"));
}

test("every relative link of a document leads to a file, and to a heading of it", () => {
  expect(documents.flatMap(brokenLinks)).toEqual([]);
});

test("every path of the repository that a document names exists", () => {
  const missing = documents
    .filter((document) => document !== OF_OTHERS)
    .flatMap((document) =>
      pathsIn(textOf(document))
        .filter((path) => !existsSync(join(ROOT, path)) && globSync(path, { cwd: ROOT }).length === 0)
        .filter((path) => globSync(path, { cwd: join(ROOT, dirname(document)) }).length === 0)
        .map((path) => `${relative(ROOT, join(ROOT, document))}: ${path}`),
    );
  expect(missing).toEqual([]);
});

/** Documents that comments and messages name: `docs/x.md`, `docs/x.md#heading`. */
function brokenCitations(source: string): string[] {
  return [...textOf(source).matchAll(/(?<![\w/.-])(docs\/[\w./-]+\.md)(?:#([\w-]+))?/g)].flatMap(
    ([cited, path = "", anchor]) => {
      const target = join(ROOT, path);
      if (!existsSync(target)) return [`${source}: ${cited}: no such file`];
      return anchor === undefined || anchorsOf(target).includes(anchor) ? [] : [`${source}: ${cited}: no such heading`];
    },
  );
}

test("every document that the sources cite exists, with its heading", () => {
  const sources = globSync(`{${FOLDERS.replaceAll("|", ",")}}/**/*.{ts,mjs,sh,yaml}`, {
    cwd: ROOT,
    exclude: ["**/node_modules", "test/documents.test.ts"],
  });
  expect(sources.toSorted().flatMap(brokenCitations)).toEqual([]);
});

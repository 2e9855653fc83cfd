import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

const ROOT = join(import.meta.dirname, "../..");
/** Code whose texts reach people: by the command line, chats, the API, and events. */
const SOURCES = "{client,cli,functions/{api,chat,domain,events,runtime,steps,store,usecases}}/**/*.ts";
/** Files of hosts, policies of IAM, and the shells' own scripts: nobody reads those as messages. */
const NOT_MESSAGES = /\.test\.ts$|^functions\/domain\/(?:host|permissions|releases)\/|^cli\/completion\.ts$/;
/** What is in the log, and what is a fault of the program: neither is an answer to anybody. */
const INTERNAL = /^(?:logger\.\w+|(?:Range|Type)?Error|RegExp|z\.literal)$/;
/** Expressions of DynamoDB. */
const EXPRESSION = /attribute_|#r\b|#record|begins_with|^(?:SET|ADD|REMOVE) |:(?:until|at|status)\b/;

export interface Message {
  readonly file: string;
  /** With `{expression}` where a value stands. */
  readonly text: string;
}

/** Every text of at least two words in the sources above, in the order of the files. */
export function collectMessages(): Message[] {
  const files = globSync(SOURCES, { cwd: ROOT })
    .filter((file) => !NOT_MESSAGES.test(file))
    .toSorted();
  return files.flatMap((file) => {
    const code = readFileSync(join(ROOT, file), "utf8");
    const texts = new Set<string>();
    visit(parseSync(file, code).program, code, (text) => texts.add(text));
    return [...texts].filter(isMessage).map((text) => ({ file, text }));
  });
}

function isMessage(text: string): boolean {
  return /[a-z]{2,}\S* \S*[a-z{]/i.test(text) && !EXPRESSION.test(text);
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function isNode(value: unknown): value is Node & Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function visit(node: unknown, code: string, found: (text: string) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) visit(each, code, found);
    return;
  }
  if (!isNode(node)) return;
  if (/^(?:Import|ExportAll|TS(?!As|Satisfies|NonNull))/.test(node.type)) return;
  if (
    /^(?:Call|New)Expression$/.test(node.type) &&
    isNode(node["callee"]) &&
    INTERNAL.test(sliceOf(node["callee"], code))
  )
    return;
  const text = textOf(node, code);
  if (text !== undefined) found(text);
  // A sum of texts is one text; what stands in a template's places is visited for texts of its own.
  const parts = text === undefined ? Object.values(node) : placesOf(node);
  for (const each of parts) visit(each, code, found);
}

function sliceOf({ start, end }: Node, code: string): string {
  return code.slice(start, end);
}

/** The text of a literal, a template, or a sum of those. */
function textOf(node: unknown, code: string): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Literal") return typeof node["value"] === "string" ? node["value"] : undefined;
  if (node.type === "TemplateLiteral" && Array.isArray(node["quasis"]) && Array.isArray(node["expressions"])) {
    const places = node["expressions"];
    return node["quasis"]
      .map((quasi, index) => `${quasi.value.cooked}${index < places.length ? `{${placeOf(places[index], code)}}` : ""}`)
      .join("");
  }
  if (node.type !== "BinaryExpression" || node["operator"] !== "+") return undefined;
  const [left, right] = [textOf(node["left"], code), textOf(node["right"], code)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** A choice within a text is reviewed as a text of its own. */
function placeOf(node: unknown, code: string): string {
  if (!isNode(node)) return "";
  const source = sliceOf(node, code).replace(/\s+/g, " ");
  return source.length > 40 || source.includes("`") ? "…" : source;
}

function placesOf(node: unknown): unknown[] {
  if (!isNode(node)) return [];
  if (node.type === "TemplateLiteral") return [node["expressions"]];
  return node.type === "BinaryExpression" ? [...placesOf(node["left"]), ...placesOf(node["right"])] : [];
}

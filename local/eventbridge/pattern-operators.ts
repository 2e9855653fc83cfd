import { BlockList, isIP } from "node:net";
import { AwsError } from "../wire/contract.ts";
import { isObject } from "./json.ts";

/** Does one value of an event satisfy one alternative of a pattern? The value is present: absence is `exists`'s affair. */
export type ValueTest = (value: unknown) => boolean;

export function invalidPattern(reason: string): AwsError {
  return new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}

/** Comparison operators of content filtering (EB `userguide/eb-create-pattern-operators.html`), but `exists` and `$or`. */
const OPERATORS: Readonly<Record<string, (operand: unknown) => ValueTest>> = {
  prefix: (operand) => affix("prefix", operand, (value, text) => value.startsWith(text)),
  suffix: (operand) => affix("suffix", operand, (value, text) => value.endsWith(text)),
  "equals-ignore-case": (operand) => {
    const expected = text("equals-ignore-case", operand).toLowerCase();
    return (value) => typeof value === "string" && value.toLowerCase() === expected;
  },
  wildcard: (operand) => {
    const pattern = wildcard(text("wildcard", operand));
    return (value) => typeof value === "string" && pattern.test(value);
  },
  numeric: (operand) => numeric(operand),
  cidr: (operand) => cidr(text("cidr", operand)),
  "anything-but": (operand) => anythingBut(operand),
};

/** One alternative of a pattern's list: a plain value, or an object with one operator. */
export function compileAlternative(alternative: unknown): ValueTest {
  if (!isObject(alternative)) {
    if (Array.isArray(alternative)) throw invalidPattern("Match value must be String, number, true, false, or null");
    return (value) => value === alternative;
  }
  const [name = "", ...more] = Object.keys(alternative);
  const operator = OPERATORS[name];
  if (!operator) throw invalidPattern(`Unrecognized match type ${name}`);
  if (more.length > 0) throw invalidPattern("Only one key allowed in match expression");
  return operator(alternative[name]);
}

function text(operator: string, operand: unknown): string {
  if (typeof operand !== "string") throw invalidPattern(`${operator} match pattern must be a string`);
  return operand;
}

function affix(operator: string, operand: unknown, test: (value: string, affix: string) => boolean): ValueTest {
  if (isObject(operand)) {
    const expected = text(operator, operand["equals-ignore-case"]).toLowerCase();
    return (value) => typeof value === "string" && test(value.toLowerCase(), expected);
  }
  const expected = text(operator, operand);
  return (value) => typeof value === "string" && test(value, expected);
}

/** `*` is any text; a backslash takes the meaning from `*` and from itself. */
function wildcard(pattern: string): RegExp {
  if (pattern.includes("**")) throw invalidPattern("Consecutive wildcard characters at pos");
  const parts = pattern.match(/\\[*\\]|[\s\S]/g) ?? [];
  const source = parts.map((part) => (part === "*" ? "[\\s\\S]*" : escapeRegExp(part.replace(/^\\(?=.)/, ""))));
  return new RegExp(`^${source.join("")}$`);
}

function escapeRegExp(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** `[">", 0, "<=", 5]`: one comparison, or two that bound a range. */
function numeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4))
    throw invalidPattern("Value of numeric must be an array of one or two comparisons");
  const tests = Array.from({ length: operand.length / 2 }, (_, index) => {
    const compare = COMPARISONS[String(operand[2 * index])];
    const bound: unknown = operand[2 * index + 1];
    if (!compare) throw invalidPattern(`Unrecognized numeric range operator: ${operand[2 * index]}`);
    if (typeof bound !== "number") throw invalidPattern("Value of numeric comparison must be numeric");
    return (value: number) => compare(value, bound);
  });
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function cidr(range: string): ValueTest {
  const [address = "", prefix = ""] = range.split("/");
  const family = isIP(address);
  if (family === 0 || !/^\d+$/.test(prefix)) throw invalidPattern("Malformed CIDR, one '/' required");
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family === 4 ? "ipv4" : "ipv6");
  return (value) => {
    const kind = typeof value === "string" ? isIP(value) : 0;
    return typeof value === "string" && kind !== 0 && list.check(value, kind === 4 ? "ipv4" : "ipv6");
  };
}

const NEGATABLE = new Set(["prefix", "suffix", "equals-ignore-case", "wildcard"]);

/** The operand is a value, a list of values, or one of four operators over one text or a list of texts. */
function anythingBut(operand: unknown): ValueTest {
  const refused = isObject(operand) ? negated(operand) : [operand].flat().map(compileAlternative);
  if (refused.length === 0) throw invalidPattern("Inside anything but list, at least one value is required");
  return (value) => !refused.some((test) => test(value));
}

function negated(operand: Readonly<Record<string, unknown>>): ValueTest[] {
  const [name = ""] = Object.keys(operand);
  if (!NEGATABLE.has(name)) throw invalidPattern(`Unsupported anything-but pattern: ${name}`);
  return [operand[name]].flat().map((value) => compileAlternative({ [name]: value }));
}

import { compile, invalidPattern, type LogFilter } from "./pattern-parts.ts";

/** Whether a JSON event matches. */
type Matcher = (event: unknown) => boolean;

const TOKEN =
  /\s*(\(|\)|&&|\|\||!=|<=|>=|=|<|>|"(?:[^"\\]|\\.)*"|%[^%]+%|\$(?:\.[\w@-]+|\.\*|\[\d+\]|\[\*\]|\["[^"]+"\]|\['[^']+'\])+|NOT EXISTS|EXISTS|IS TRUE|IS FALSE|IS NULL|[^\s()&|=!<>"]+)/uy;

/** Reads `{ … }`: comparisons of `$.path` with text, numbers or regular expressions, joined by `&&` and `||`. */
export function parseJsonPattern(text: string): LogFilter {
  if (!text.endsWith("}")) throw invalidPattern("a closing brace is missing");
  const parser = new Parser(tokensOf(text.slice(1, -1)));
  const matches = parser.alternatives();
  parser.end();
  return (message) => {
    const event = parse(message);
    return event !== undefined && matches(event);
  };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw invalidPattern(`unexpected "${text.slice(at).trim()}"`);
    tokens.push(token);
  }
  return tokens;
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

class Parser {
  readonly #tokens: string[];

  constructor(tokens: string[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const [rest] = this.#tokens;
    if (rest !== undefined) throw invalidPattern(`unexpected "${rest}"`);
  }

  alternatives(): Matcher {
    const some = [this.#conjunction()];
    while (this.#take("||")) some.push(this.#conjunction());
    return (event) => some.some((matches) => matches(event));
  }

  #conjunction(): Matcher {
    const all = [this.#single()];
    while (this.#take("&&")) all.push(this.#single());
    return (event) => all.every((matches) => matches(event));
  }

  #single(): Matcher {
    if (this.#take("(")) {
      const inner = this.alternatives();
      if (!this.#take(")")) throw invalidPattern("a closing parenthesis is missing");
      return inner;
    }
    const selector = this.#next("a selector");
    if (!selector.startsWith("$")) throw invalidPattern(`"${selector}" is no selector such as $.level`);
    const select = selectorOf(selector);
    const operator = this.#next("an operator");
    const wanted = IS[operator];
    if (wanted) return (event) => wanted(select(event));
    if (!COMPARISONS.has(operator)) throw invalidPattern(`"${operator}" is no operator`);
    const compare = comparison(operator, this.#next("a value"));
    return (event) => select(event).some(compare);
  }

  #take(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #next(what: string): string {
    const token = this.#tokens.shift();
    if (token === undefined) throw invalidPattern(`${what} is missing`);
    return token;
  }
}

const COMPARISONS = new Set(["=", "!=", "<", "<=", ">", ">="]);
const IS: Readonly<Record<string, (values: readonly unknown[]) => boolean>> = {
  EXISTS: (values) => values.length > 0,
  "NOT EXISTS": (values) => values.length === 0,
  "IS TRUE": (values) => values.includes(true),
  "IS FALSE": (values) => values.includes(false),
  "IS NULL": (values) => values.includes(null),
};

function comparison(operator: string, value: string): Matcher {
  if (operator === "=" || operator === "!=") {
    const equal = equality(value);
    return (found) => equal(found) === (operator === "=");
  }
  const limit = Number(value);
  if (Number.isNaN(limit)) throw invalidPattern(`"${value}" is no number`);
  return (found) => {
    if (typeof found !== "number") return false;
    if (operator.startsWith("<")) return found < limit || (operator === "<=" && found === limit);
    return found > limit || (operator === ">=" && found === limit);
  };
}

/** Text may have `*` for anything; a number without quotes is compared as a number. */
function equality(value: string): Matcher {
  if (value.startsWith("%")) {
    const expression = compile(value.slice(1, -1));
    return (found) => typeof found === "string" && expression.test(found);
  }
  if (!value.startsWith('"') && /^-?\d+(\.\d+)?$/.test(value)) return (found) => found === Number(value);
  const text = value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
  const pattern = new RegExp(`^${text.split("*").map(escaped).join(".*")}$`, "su");
  return (found) => (typeof found === "string" || typeof found === "number") && pattern.test(String(found));
}

/** The values that `$.a[0].b`, `$.a[*].b` or `$["a"]` select. */
function selectorOf(selector: string): (event: unknown) => unknown[] {
  const parts = [...selector.matchAll(/\.([\w@-]+|\*)|\[(\d+|\*)\]|\["([^"]+)"\]|\['([^']+)'\]/gu)].map(
    ([, name, index, quoted, single]) => name ?? index ?? quoted ?? single ?? "",
  );
  return (event) =>
    parts.reduce<unknown[]>((values, part) => values.flatMap((value) => membersNamed(value, part)), [event]);
}

function membersNamed(value: unknown, name: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (name === "*") return Object.values(value);
  return Object.hasOwn(value, name) ? [Reflect.get(value, name)] : [];
}

function escaped(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\/]/g, "\\$&");
}

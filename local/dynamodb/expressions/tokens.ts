/** `word` is a bare name or keyword, `name` a `#placeholder`, `value` a `:placeholder`. */
export interface Token {
  readonly kind: "word" | "name" | "value" | "number" | "symbol" | "end" | "unknown";
  readonly text: string;
}

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["name", /#[A-Za-z0-9_]+/y],
  ["value", /:[A-Za-z0-9_]+/y],
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["number", /\d+/y],
  ["symbol", /<>|<=|>=|[=<>(),.[\]+-]/y],
  ["unknown", /[^\s]/y],
];
const blanks = /\s*/y;

/** Splits an expression. What no rule knows becomes an `unknown` token, at which the parser fails. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let position = skipBlanks(source, 0);
  while (position < source.length) {
    const token = tokenAt(source, position);
    tokens.push(token);
    position = skipBlanks(source, position + token.text.length);
  }
  tokens.push({ kind: "end", text: "<EOF>" });
  return tokens;
}

function tokenAt(source: string, position: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return { kind: "unknown", text: source.charAt(position) };
}

function skipBlanks(source: string, position: number): number {
  blanks.lastIndex = position;
  return position + (blanks.exec(source)?.[0].length ?? 0);
}

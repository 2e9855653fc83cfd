import { parseJsonPattern } from "./json-pattern.ts";
import { compile, invalidPattern, type LogFilter } from "./pattern-parts.ts";

/**
 * CloudWatch Logs' filter patterns: terms (`ERROR "not ready" -debug ?one ?other`), a regular expression (`%…%`), and
 * selectors of JSON (`{ $.level = "ERROR" }`).
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws AwsError `InvalidParameterException`
 */
export function parseFilterPattern(pattern: string | undefined): LogFilter {
  const text = (pattern ?? "").trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return parseJsonPattern(text);
  if (text.startsWith("["))
    throw invalidPattern("The local cloud does not know filter patterns of space-delimited fields.");
  return termsFilter(text);
}

const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%]+))/uy;

function termsFilter(text: string): LogFilter {
  const all: LogFilter[] = [];
  const some: LogFilter[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const at = TERM.lastIndex;
    const found = TERM.exec(text);
    if (!found) throw invalidPattern(`unexpected "${text.slice(at)}"`);
    const [, sign, quoted, expression, word] = found;
    const contains = termFilter(quoted?.replaceAll(/\\(.)/g, "$1") ?? word ?? "", expression);
    if (sign === "?") some.push(contains);
    else all.push(sign === "-" ? (message) => !contains(message) : contains);
  }
  return (message) =>
    all.every((matches) => matches(message)) && (some.length === 0 || some.some((matches) => matches(message)));
}

function termFilter(term: string, expression: string | undefined): LogFilter {
  if (expression === undefined) return (message) => message.includes(term);
  const compiled = compile(expression);
  return (message) => compiled.test(message);
}

/** Values of the request's condition keys, by key in lower case: condition keys are not case-sensitive. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

type Comparison = (actual: string, expected: string) => boolean;

const same: Comparison = (actual, expected) => actual === expected;
const sameIgnoringCase: Comparison = (actual, expected) => actual.toLowerCase() === expected.toLowerCase();
function numeric(compare: (actual: number, expected: number) => boolean): Comparison {
  return (actual, expected) => compare(Number(actual), Number(expected));
}

/** The positive operators. `…Not…` operators are their negation (IAM user guide, "IAM JSON policy elements: Condition operators"). */
const OPERATORS: Record<string, Comparison> = {
  StringEquals: same,
  StringEqualsIgnoreCase: sameIgnoringCase,
  StringLike: matchesPattern,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: sameIgnoringCase,
  NumericEquals: numeric((actual, expected) => actual === expected),
  NumericLessThan: numeric((actual, expected) => actual < expected),
  NumericLessThanEquals: numeric((actual, expected) => actual <= expected),
  NumericGreaterThan: numeric((actual, expected) => actual > expected),
  NumericGreaterThanEquals: numeric((actual, expected) => actual >= expected),
};

const NEGATIONS: Record<string, string> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
};

/**
 * Whether one condition of a statement holds for a request.
 * @throws Error for an operator that this evaluator does not know: to guess would be to allow or to deny wrongly.
 */
export function holds(operator: string, key: string, expected: readonly string[], context: RequestContext): boolean {
  const actual = context.get(key.toLowerCase());
  const [, quantifier, name = "", ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === "Null") return expected.includes(String(actual === undefined));
  const negated = NEGATIONS[name];
  const compare = OPERATORS[negated ?? name];
  if (!compare) throw new Error(`Policy condition operator ${operator} is not known.`);
  if (actual === undefined && ifExists) return true;
  const known = expected.map((each) => substitute(each, context)).filter((each) => each !== undefined);
  const matchesAny = (value: string) => known.some((each) => compare(value, each));
  const passes = (value: string) => (negated ? !matchesAny(value) : matchesAny(value));
  if (quantifier === "ForAllValues") return (actual ?? []).every(passes);
  if (quantifier === "ForAnyValue") return (actual ?? []).some(passes);
  // A missing key fails a positive operator and satisfies a negated one.
  if (actual === undefined) return negated !== undefined;
  return actual.length > 0 && actual.every(passes);
}

/**
 * Policy variables: `${aws:PrincipalTag/team}` stands for the request's value. Undefined where the request has no such value:
 * the text then matches nothing, not even itself (IAM user guide, "Policy variables").
 */
export function substitute(text: string, context: RequestContext): string | undefined {
  const values = [...text.matchAll(/\$\{([^}]+)\}/g)].map(([, name = ""]) => context.get(name.toLowerCase())?.[0]);
  if (values.includes(undefined)) return undefined;
  return text.replace(/\$\{[^}]+\}/g, () => values.shift() ?? "");
}

/** `*` stands for any characters, `?` for exactly one. */
export function matchesPattern(value: string, pattern: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[\\s\\S]*")
    .replaceAll("?", "[\\s\\S]");
  return new RegExp(`^${expression}$`).test(value);
}

/** Each of an ARN's six parts is compared by itself, so that a wildcard does not reach over a colon into the next part. */
function matchesArn(value: string, pattern: string): boolean {
  const actual = arnParts(value);
  const expected = arnParts(pattern);
  return (
    actual.length === 6 &&
    expected.length === 6 &&
    actual.every((part, index) => matchesPattern(part, expected[index] ?? ""))
  );
}

function arnParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(":")] : [])];
}

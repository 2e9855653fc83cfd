import { AwsError } from "../wire/contract.ts";

/** Values by the start of their period; a number stands for itself in every period. */
export type Series = ReadonlyMap<number, number>;
type Value = Series | number;

export interface MathScope {
  /** @throws AwsError for an id that no query has. */
  readonly series: (id: string) => Series;
  /** Every period of the request. */
  readonly times: readonly number[];
}

const TOKEN = /\s*(\d+(?:\.\d+)?|[a-z]\w*|[A-Z_]+|[-+*/^(),[\]])/uy;

/**
 * What is emulated of metric math: arithmetic, `FILL`, `SUM`, `AVG`, `MIN`, `MAX`, `ABS`, `CEIL`, `FLOOR`. A period in
 * which one side of an operator has no value has none.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 * @throws AwsError `ValidationError`
 */
export function evaluateExpression(expression: string, scope: MathScope): Series {
  const parser = new Parser(tokensOf(expression), scope);
  const value = parser.sum();
  parser.end();
  return typeof value === "number" ? new Map(scope.times.map((time) => [time, value])) : value;
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (expression.slice(TOKEN.lastIndex).trim() !== "") {
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw malformed(expression);
    tokens.push(token);
  }
  return tokens;
}

function malformed(what: string): AwsError {
  return new AwsError("ValidationError", `Error in expression: the local cloud does not understand "${what}".`);
}

const OPERATORS: Readonly<Record<string, (one: number, other: number) => number>> = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
  "/": (one, other) => one / other,
  "^": (one, other) => one ** other,
};

const FOLDS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};

const SINGLE: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
};

class Parser {
  readonly #tokens: string[];
  readonly #scope: MathScope;

  constructor(tokens: string[], scope: MathScope) {
    this.#tokens = tokens;
    this.#scope = scope;
  }

  end(): void {
    const [rest] = this.#tokens;
    if (rest !== undefined) throw malformed(rest);
  }

  sum(): Value {
    return this.#chain(["+", "-"], () => this.#chain(["*", "/"], () => this.#chain(["^"], () => this.#single())));
  }

  #chain(operators: readonly string[], next: () => Value): Value {
    let value = next();
    for (;;) {
      const operator = operators.find((each) => this.#take(each));
      const apply = operator === undefined ? undefined : OPERATORS[operator];
      if (!apply) return value;
      value = combine(value, next(), apply);
    }
  }

  #single(): Value {
    if (this.#take("-")) return combine(0, this.#single(), (zero, value) => zero - value);
    if (this.#take("(")) {
      const value = this.sum();
      this.#expect(")");
      return value;
    }
    const token = this.#tokens.shift() ?? "";
    if (/^\d/.test(token)) return Number(token);
    if (/^[a-z]/.test(token)) return this.#scope.series(token);
    this.#expect("(");
    const value = this.#call(token);
    this.#expect(")");
    return value;
  }

  #call(name: string): Value {
    const fold = FOLDS[name];
    if (fold) return this.#folded(fold);
    const value = this.sum();
    if (name === "FILL") {
      this.#expect(",");
      const filling = this.sum();
      return new Map(this.#scope.times.map((time) => [time, at(value, time) ?? at(filling, time) ?? 0]));
    }
    const apply = SINGLE[name];
    if (!apply) throw malformed(name);
    return combine(value, 0, apply);
  }

  /** Of a list: period by period. Of one series: all its values as one number. */
  #folded(fold: (values: readonly number[]) => number): Value {
    if (!this.#take("[")) {
      const value = this.sum();
      return typeof value === "number" ? value : fold([...value.values()]);
    }
    const list = [this.sum()];
    while (this.#take(",")) list.push(this.sum());
    this.#expect("]");
    return new Map(
      this.#scope.times.flatMap((time): [number, number][] => {
        const values = list.flatMap((value) => at(value, time) ?? []);
        return values.length === 0 ? [] : [[time, fold(values)]];
      }),
    );
  }

  #take(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw malformed(`${this.#tokens[0] ?? "the end"}, where "${token}" is missing`);
  }
}

function at(value: Value, time: number): number | undefined {
  return typeof value === "number" ? value : value.get(time);
}

function combine(one: Value, other: Value, apply: (one: number, other: number) => number): Value {
  if (typeof one === "number" && typeof other === "number") return apply(one, other);
  const times = typeof one === "number" ? (typeof other === "number" ? [] : other.keys()) : one.keys();
  return new Map(
    [...times].flatMap((time): [number, number][] => {
      const [left, right] = [at(one, time), at(other, time)];
      return left === undefined || right === undefined ? [] : [[time, apply(left, right)]];
    }),
  );
}

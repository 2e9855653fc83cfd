import { checkPredicate, checkSizeOperand } from "./check-operands.ts";
import {
  type Condition,
  conditionFunctions,
  isComparator,
  isConditionFunction,
  type Operand,
  type Predicate,
} from "./condition.ts";
import { Cursor } from "./cursor.ts";
import type { Placeholders } from "./placeholders.ts";

/** Parses a condition. Throws `ValidationException` that names `parameter`. */
export function parseCondition(source: string, placeholders: Placeholders, parameter: string): Condition {
  const cursor = new Cursor(source, placeholders, parameter);
  const condition = new ConditionParser(cursor).parse();
  cursor.expectEnd();
  return condition;
}

/** Recursive descent: OR binds weakest, then AND, then NOT. */
class ConditionParser {
  readonly #cursor: Cursor;
  /** The condition that the last closing parenthesis ended, to see parentheses around parentheses. */
  #parenthesised: Condition | undefined;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  parse(): Condition {
    let left = this.#conjunction();
    while (this.#cursor.take("OR")) left = { kind: "or", left, right: this.#conjunction() };
    return left;
  }

  #conjunction(): Condition {
    let left = this.#negation();
    while (this.#cursor.take("AND")) left = { kind: "and", left, right: this.#negation() };
    return left;
  }

  #negation(): Condition {
    return this.#cursor.take("NOT") ? { kind: "not", condition: this.#negation() } : this.#primary();
  }

  #primary(): Condition {
    if (!this.#cursor.take("(")) return this.#predicate();
    const condition = this.parse();
    this.#cursor.expect(")");
    if (condition === this.#parenthesised) throw this.#cursor.invalid("The expression has redundant parentheses;");
    this.#parenthesised = condition;
    return condition;
  }

  #predicate(): Predicate {
    const name = this.#cursor.functionAhead();
    const predicate = name === undefined || name === "size" ? this.#relation() : this.#call(name);
    const problem = checkPredicate(predicate);
    if (problem !== undefined) throw this.#cursor.invalid(problem);
    return predicate;
  }

  #call(name: string): Predicate {
    if (!isConditionFunction(name)) throw this.#cursor.invalid(`Invalid function name; function: ${name}`);
    this.#cursor.next();
    const operands = this.#operandList();
    if (operands.length === conditionFunctions[name]) return { kind: "function", name, operands };
    const where = `operator or function: ${name}, number of operands: ${operands.length}`;
    throw this.#cursor.invalid(`Incorrect number of operands for operator or function; ${where}`);
  }

  #relation(): Predicate {
    const left = this.#operand();
    if (this.#cursor.take("BETWEEN")) {
      const lower = this.#operand();
      this.#cursor.expect("AND");
      return { kind: "between", operand: left, lower, upper: this.#operand() };
    }
    if (this.#cursor.take("IN")) return { kind: "in", operand: left, candidates: this.#operandList() };
    const operator = this.#cursor.next().text;
    if (!isComparator(operator)) throw this.#cursor.syntaxError(-1);
    return { kind: "compare", operator, left, right: this.#operand() };
  }

  #operandList(): Operand[] {
    this.#cursor.expect("(");
    const operands = [this.#operand()];
    while (this.#cursor.take(",")) operands.push(this.#operand());
    this.#cursor.expect(")");
    return operands;
  }

  #operand(): Operand {
    if (this.#cursor.peek().kind === "value") return { kind: "value", value: this.#cursor.readValue() };
    const name = this.#cursor.functionAhead();
    if (name === undefined) return { kind: "path", path: this.#cursor.readPath() };
    if (name !== "size") {
      throw this.#cursor.invalid(`The function is not allowed to be used this way in an expression; function: ${name}`);
    }
    this.#cursor.next();
    this.#cursor.expect("(");
    const of = this.#operand();
    this.#cursor.expect(")");
    const problem = checkSizeOperand(of);
    if (problem !== undefined) throw this.#cursor.invalid(problem);
    return { kind: "size", of };
  }
}

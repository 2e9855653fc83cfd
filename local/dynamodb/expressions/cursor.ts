import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { AwsError } from "../../wire/contract.ts";
import { validationError } from "../errors.ts";
import type { DocumentPath } from "./path.ts";
import type { Placeholders } from "./placeholders.ts";
import { reservedWords } from "./reserved-words.ts";
import { type Token, tokensOf } from "./tokens.ts";

const end: Token = { kind: "end", text: "<EOF>" };

/** Reads an expression token by token; what every kind of expression has in common. */
export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #placeholders: Placeholders;
  readonly #parameter: string;
  #position = 0;

  /** `parameter` is what the request calls the expression (`UpdateExpression`), for error messages. */
  constructor(source: string, placeholders: Placeholders, parameter: string) {
    this.#tokens = tokensOf(source);
    this.#placeholders = placeholders;
    this.#parameter = parameter;
    if (source.trim() === "") throw this.invalid("The expression can not be empty;");
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#position + ahead] ?? end;
  }

  next(): Token {
    const token = this.peek();
    this.#position += 1;
    return token;
  }

  /** Is the next token this symbol, or this keyword in whatever case? */
  isAt(text: string): boolean {
    const token = this.peek();
    return (token.kind === "symbol" || token.kind === "word") && token.text.toUpperCase() === text;
  }

  take(text: string): boolean {
    const found = this.isAt(text);
    if (found) this.#position += 1;
    return found;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.peek().kind !== "end") throw this.syntaxError();
  }

  /** A function's name, if one is called here. */
  functionAhead(): string | undefined {
    const token = this.peek();
    return token.kind === "word" && this.peek(1).text === "(" ? token.text : undefined;
  }

  readValue(): AttributeValue {
    const token = this.next();
    if (token.kind !== "value") throw this.syntaxError(-1);
    const value = this.#placeholders.value(token.text);
    if (value) return value;
    throw this.invalid(
      `An expression attribute value used in expression is not defined; attribute value: ${token.text}`,
    );
  }

  readPath(): DocumentPath {
    const steps: (string | number)[] = [];
    const first = this.#readName();
    this.#placeholders.noteAttribute(first);
    for (;;) {
      if (this.take(".")) steps.push(this.#readName());
      else if (this.take("[")) steps.push(this.#readPosition());
      else return [first, ...steps];
    }
  }

  syntaxError(offset = 0): AwsError {
    const near = [-1, 0, 1].map((ahead) => this.peek(offset + ahead)).filter((token) => token.kind !== "end");
    const context = near.map((token) => token.text).join(" ");
    return this.invalid(`Syntax error; token: "${this.peek(offset).text}", near: "${context}"`);
  }

  invalid(problem: string): AwsError {
    return validationError(`Invalid ${this.#parameter}: ${problem}`);
  }

  #readName(): string {
    const token = this.next();
    if (token.kind === "name") {
      const name = this.#placeholders.name(token.text);
      if (name !== undefined) return name;
      throw this.invalid(
        `An expression attribute name used in the document path is not defined; attribute name: ${token.text}`,
      );
    }
    if (token.kind !== "word") throw this.syntaxError(-1);
    if (reservedWords.has(token.text.toUpperCase())) {
      throw this.invalid(`Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
    }
    return token.text;
  }

  #readPosition(): number {
    const token = this.next();
    if (token.kind !== "number") throw this.syntaxError(-1);
    this.expect("]");
    return Number(token.text);
  }
}

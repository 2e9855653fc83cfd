import { parseDocument, stringify } from "yaml";

export function textOf(spec: Readonly<Record<string, unknown>>): string {
  return stringify(spec);
}

/** The document, or what is wrong with the text. */
export function parse(text: string): Readonly<Record<string, unknown>> | string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) return error.message;
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "A spec has fields, such as name: x";
  return { ...value };
}

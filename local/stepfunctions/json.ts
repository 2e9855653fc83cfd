import { z } from "zod";

/** What may flow between states: JSON and nothing else. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const jsonSchema: z.ZodType<Json> = z.json();
export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), jsonSchema);

/** A deep copy that holds nothing but JSON (dates become strings); undefined when JSON cannot express the value. */
export function toJson(value: unknown): Json | undefined {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? undefined : parseJson(text);
}

/** @throws SyntaxError when `text` is not JSON. */
export function parseJson(text: string): Json {
  return JSON.parse(text);
}

/** Like {@link parseJson}, but undefined for text that is not JSON. */
export function tryParseJson(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function byteLength(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

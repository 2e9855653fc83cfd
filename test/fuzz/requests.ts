import fc from "fast-check";
import { generateSync } from "json-schema-faker";
import type { Document, Target } from "./document.ts";

/** A request as it is sent; `body` is text, since some are no JSON. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

type Schema = Readonly<Record<string, unknown>>;

/** What schemas seldom think of. */
const NASTY = fc.constantFrom(
  "",
  " ",
  "null",
  "-1",
  "1e999",
  "../../etc/passwd",
  "$(id)",
  "{% $states.input %}",
  "<!channel>",
  "\u001b[31m",
  "\u0000",
  "\ud800",
  "constructor",
  "__proto__",
  "a".repeat(2_000),
  "名前",
);
const word = fc.oneof(NASTY, fc.string({ maxLength: 80, unit: "binary" }));

/** Requests of one operation: valid by the document, invalid in one place, and invalid in all. `known` are names that exist. */
export function requestsOf(document: Document, target: Target, known: Readonly<Record<string, string>>) {
  const { method, path, operation } = target;
  const valid = (schema: Schema) =>
    fc.nat().map((seed): unknown => generateSync({ ...schema, components: document.components }, { seed }));
  const part = (place: "path" | "query" | "header") => {
    const parameters = operation.parameters.filter((parameter) => parameter.in === place);
    return fc.record(
      Object.fromEntries(
        parameters.map(({ name, schema }) => [
          name,
          fc.oneof({ weight: 3, arbitrary: valid(schema).map(String) }, word),
        ]),
      ),
      { requiredKeys: place === "path" ? parameters.map(({ name }) => name) : [] },
    );
  };
  const names = part("path").chain((made) => fc.oneof(fc.constant(made), fc.constant({ ...made, ...known })));
  const query = fc.oneof(
    { weight: 6, arbitrary: part("query") },
    { weight: 1, arbitrary: fc.dictionary(word, word, { maxKeys: 3 }) },
  );
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = schema === undefined ? fc.constant(undefined) : bodies(valid(schema));
  return fc.record({ names, query, headers: part("header"), body }).map(
    ({ names, query, headers, body }): FuzzRequest => ({
      method,
      path: path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(segment(names[name] ?? ""))),
      query: Object.fromEntries(Object.entries(query).map(([key, value]) => [wellFormed(key), wellFormed(value)])),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, asHeader(value)])),
      body,
    }),
  );
}

function bodies(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: valid.map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: fc.tuple(valid, fc.nat(), fc.oneof(word, fc.jsonValue())).map(spoiled) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: word },
    { weight: 1, arbitrary: fc.constant(JSON.stringify({ spec: { name: "a".repeat(70_000) } })) },
  );
}

/** The same document with one member of it, at any depth, replaced. */
function spoiled([value, at, by]: readonly [unknown, number, unknown]): string {
  const places = JSON.stringify(value).match(/"[^"]*":/g)?.length ?? 0;
  const chosen = places === 0 ? -1 : at % places;
  let place = 0;
  return JSON.stringify(value, (key, member: unknown) => (key !== "" && place++ === chosen ? by : member));
}

/** Dots alone are folded away by whoever makes an address, and nothing at all is another route. */
function segment(text: string): string {
  return /^\.{0,2}$/.test(text) ? "x" : wellFormed(text);
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** What a client can put on the wire at all. */
function asHeader(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/g, "?");
}

import { type KubernetesObject, podSchema } from "../common/objects.ts";
import { badRequest, methodNotAllowed } from "./status.ts";

type Field = (object: KubernetesObject) => string | undefined;

const FIELDS: Readonly<Record<string, Field>> = {
  "metadata.name": ({ metadata }) => metadata.name,
  "spec.nodeName": (object) => podSchema.safeParse(object).data?.spec.nodeName,
};

/**
 * The filter that a list request's query asks for. Equality of labels, of `metadata.name` and of a pod's node is known, and
 * that a label is absent (`!label`); anything else is refused, because a selector that is ignored would return too much.
 */
export function parseSelectors(query: URLSearchParams): (object: KubernetesObject) => boolean {
  if (query.get("watch") === "true" || query.get("watch") === "1") {
    throw methodNotAllowed("watch is not served by the stand-in of the local cloud");
  }
  const terms = (query.get("labelSelector") ?? "").split(",");
  const absent = terms.flatMap((term) => /^!([\w./-]+)$/.exec(term)?.[1] ?? []);
  const labels = parsePairs(terms.filter((term) => !term.startsWith("!")).join(","), "labelSelector");
  const fields = parsePairs(query.get("fieldSelector") ?? "", "fieldSelector");
  const conditions = fields.map(([name, value]) => ({ read: findField(name), value }));
  return (object) =>
    absent.every((label) => object.metadata.labels?.[label] === undefined) &&
    labels.every(([label, value]) => object.metadata.labels?.[label] === value) &&
    conditions.every(({ read, value }) => read(object) === value);
}

function findField(name: string): Field {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (!field) throw badRequest(`field label not supported: ${name}`);
  return field;
}

function parsePairs(selector: string, parameter: string): [string, string][] {
  return selector
    .split(",")
    .filter(Boolean)
    .map((term) => {
      const [, key, value] = /^([\w./-]+)={1,2}([\w.:-]*)$/.exec(term) ?? [];
      if (key === undefined || value === undefined) throw badRequest(`unable to parse ${parameter}: ${term}`);
      return [key, value];
    });
}

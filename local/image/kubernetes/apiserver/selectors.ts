import type { KubernetesObject } from "../common/objects.ts";
import { badRequest, methodNotAllowed } from "./status.ts";

/**
 * The filter that a list request's query asks for. Equality of labels and of `metadata.name` is known, and that a label is
 * absent (`!label`); anything else is refused, because a selector that is ignored would return too much.
 */
export function parseSelectors(query: URLSearchParams): (object: KubernetesObject) => boolean {
  if (query.get("watch") === "true" || query.get("watch") === "1") {
    throw methodNotAllowed("watch is not served by the stand-in of the local cloud");
  }
  const terms = (query.get("labelSelector") ?? "").split(",");
  const absent = terms.flatMap((term) => /^!([\w./-]+)$/.exec(term)?.[1] ?? []);
  const labels = parsePairs(terms.filter((term) => !term.startsWith("!")).join(","), "labelSelector");
  const fields = parsePairs(query.get("fieldSelector") ?? "", "fieldSelector");
  const unknown = fields.find(([field]) => field !== "metadata.name");
  if (unknown) throw badRequest(`field label not supported: ${unknown[0]}`);
  return ({ metadata }) =>
    absent.every((label) => metadata.labels?.[label] === undefined) &&
    labels.every(([label, value]) => metadata.labels?.[label] === value) &&
    fields.every(([, value]) => metadata.name === value);
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

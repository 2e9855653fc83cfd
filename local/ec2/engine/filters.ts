import type { Filter } from "@aws-sdk/client-ec2";
import { paginate } from "../../context/input.ts";
import { AwsError } from "../../wire/contract.ts";
import type { Collection } from "./collection.ts";
import { invalidCombination, invalidValue, required } from "./errors.ts";
import type { Resource } from "./state.ts";

type FilterValue = string | number | boolean | undefined;

/** The values that an item has for each filter name; a filter matches if any of them matches any of its patterns. */
export type FilterAttributes<T> = Readonly<Record<string, (item: T) => FilterValue | readonly FilterValue[]>>;

/** The members that every Describe call shares. */
export interface Query {
  readonly Filters?: readonly Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Page<T> {
  readonly items: T[];
  /** Spread into the answer; absent on the last page. */
  readonly NextToken?: string;
}

/**
 * What a Describe call selects: by ids (all must exist), by filters, cut into pages.
 * @throws AwsError `*.NotFound` and `*.Malformed`, `InvalidParameterValue` for an unknown filter,
 *   `InvalidParameterCombination` for ids with a page size.
 */
export function select<R extends Resource>(
  collection: Collection<R>,
  ids: readonly string[] | undefined,
  query: Query,
  attributes: FilterAttributes<R>,
): Page<R> {
  const wanted = ids ?? [];
  if (wanted.length > 0 && query.MaxResults !== undefined) {
    throw invalidCombination("The parameter maxResults cannot be used with a list of IDs");
  }
  const items = wanted.length > 0 ? [...new Set(wanted)].map((id) => collection.get(id)) : collection.list();
  return page(applyFilters(items, query.Filters, { ...tagAttributes, ...attributes }), query);
}

/** Like {@link select}, for things that are no resources with tags and ids. */
export function selectFrom<T>(items: readonly T[], query: Query, attributes: FilterAttributes<T>): Page<T> {
  return page(applyFilters(items, query.Filters, attributes), query);
}

const tagAttributes: FilterAttributes<Resource> = {
  "tag-key": (item) => Object.keys(item.tags),
  "tag-value": (item) => Object.values(item.tags),
};

function applyFilters<T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  attributes: FilterAttributes<T>,
): T[] {
  return (filters ?? []).reduce<T[]>(
    (left, filter) => {
      const valuesOf = valuesFor(required(filter.Name, "Filter.Name"), attributes);
      const patterns = (filter.Values ?? []).map(wildcard);
      return left.filter((item) => {
        const values = [valuesOf(item)].flat();
        return values.some((value) => value !== undefined && patterns.some((pattern) => pattern.test(String(value))));
      });
    },
    [...items],
  );
}

function valuesFor<T>(name: string, attributes: FilterAttributes<T>): FilterAttributes<T>[string] {
  const isTag = name.startsWith("tag:") && "tag-key" in attributes;
  if (isTag) return (item) => (hasTags(item) ? item.tags[name.slice("tag:".length)] : undefined);
  const valuesOf = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!valuesOf) throw invalidValue(`The filter '${name}' is invalid`);
  return valuesOf;
}

function hasTags(item: unknown): item is Pick<Resource, "tags"> {
  return typeof item === "object" && item !== null && "tags" in item;
}

/** `*` stands for any text, `?` for one character, and a backslash takes their meaning away. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\?[\s\S]/g, (part) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "[\\s\\S]";
    return (part.length > 1 ? part.slice(1) : part).replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");
  });
  return new RegExp(`^${source}$`);
}

const smallestPage = 5;
const maxPage = 1000;

function page<T>(items: readonly T[], query: Query): Page<T> {
  const limit = query.MaxResults ?? Math.max(items.length, 1);
  if (query.MaxResults !== undefined && (limit < smallestPage || limit > maxPage)) {
    throw new AwsError(
      "InvalidParameterValue",
      `Value ( ${limit} ) for parameter maxResults is invalid. Expecting a value between ${smallestPage} and ${maxPage}.`,
    );
  }
  const cut = paginate(items, { limit, token: query.NextToken, tokenError: "InvalidNextToken" });
  return { items: cut.items, ...(cut.nextToken !== undefined && { NextToken: cut.nextToken }) };
}

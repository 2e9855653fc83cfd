import { itemBytes } from "./item-size.ts";
import type { Item } from "./values.ts";

/** A query or scan reads at most this much before filtering, and then says where to continue. */
const maximumPageBytes = 1024 * 1024;

export interface Page {
  readonly items: readonly Item[];
  /** The last item read, when there may be more. */
  readonly last?: Item;
}

/**
 * The first page of `items`. A page that is full by `limit` says that there may be more even at the end, as AWS does.
 */
export function firstPage(items: readonly Item[], limit: number | undefined): Page {
  let bytes = 0;
  let count = 0;
  while (count < items.length && count < (limit ?? Number.POSITIVE_INFINITY) && bytes < maximumPageBytes) {
    bytes += itemBytes(items[count] ?? {});
    count += 1;
  }
  const read = items.slice(0, count);
  const last = read.at(-1);
  return last && (count < items.length || count === limit) ? { items: read, last } : { items: read };
}

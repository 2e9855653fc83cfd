import { z } from "zod";
import { AwsError } from "../../wire/contract.ts";
import type { Kind } from "./kinds.ts";
import type { Resource } from "./state.ts";

const idBody = /^[0-9a-f]{8}(?:[0-9a-f]{9})?$/;

/** All resources of one kind, in the order of their creation. Items are plain JSON and are changed in place. */
export class Collection<R extends Resource> {
  readonly kind: Kind;
  readonly #schema: z.ZodType<R>;
  readonly #items = new Map<string, R>();

  constructor(kind: Kind, schema: z.ZodType<R>) {
    this.kind = kind;
    this.#schema = schema;
  }

  /** @throws AwsError with the kind's own code for an id that is malformed or unknown. */
  get(id: string): R {
    const item = this.#items.get(id);
    if (item) return item;
    const { prefix, label, malformed, notFound } = this.kind;
    if (!id.startsWith(`${prefix}-`) || !idBody.test(id.slice(prefix.length + 1))) {
      throw new AwsError(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`);
    }
    throw new AwsError(notFound, `The ${label} '${id}' does not exist`);
  }

  find(id: string | undefined): R | undefined {
    return id === undefined ? undefined : this.#items.get(id);
  }

  list(): R[] {
    return [...this.#items.values()];
  }

  add(item: R): R {
    this.#items.set(item.id, item);
    return item;
  }

  remove(id: string): void {
    this.#items.delete(id);
  }

  /** Takes what `list()` gave before a restart. @throws ZodError if it is something else. */
  load(saved: unknown): void {
    for (const item of z.array(this.#schema).parse(saved)) this.add(item);
  }
}

import type { NormalizedSchema } from "@smithy/core/schema";
import { hasTrait, membersOf } from "../wire/schema.ts";

/** Pseudo-random numbers in [0, 1) that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

const awkwardTexts = ["a&b", '<x y="z">', "ü日本", "p.q 1/2+3", "plain"];
const deepest = 5;
const bindings = ["httpLabel", "httpHeader", "httpQuery"];

/** Members that the protocol fills by itself, or that are streams: values for them would not come back equal. */
export function isLeftOut(member: NormalizedSchema): boolean {
  const filledByProtocol = ["httpPrefixHeaders", "httpQueryParams", "httpResponseCode"];
  return member.isStreaming() || filledByProtocol.some((trait) => hasTrait(member, trait));
}

/** Random values of the shapes that the SDK's schemas describe. */
export class Generator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  value(schema: NormalizedSchema, depth = 0, isBound = false): unknown {
    if (schema.isStructSchema()) return this.#structure(schema, depth);
    if (schema.isListSchema()) return this.#repeat(() => this.value(schema.getValueSchema(), depth + 1, isBound));
    if (schema.isMapSchema()) {
      const entries = this.#repeat((index) => [`k${index}`, this.value(schema.getValueSchema(), depth + 1)] as const);
      return Object.fromEntries(entries);
    }
    return this.#scalar(schema, isBound);
  }

  #structure(schema: NormalizedSchema, depth: number): Record<string, unknown> {
    const structure: Record<string, unknown> = {};
    const members = membersOf(schema).filter(([, member]) => !isLeftOut(member));
    const chosen = schema.isUnionSchema() ? members.slice(this.#below(members.length)).slice(0, 1) : members;
    for (const [name, member] of chosen) {
      const isOptional = !hasTrait(member, "httpLabel") && !schema.isUnionSchema();
      if (member.isIdempotencyToken()) structure[name] = "token";
      else if (!isOptional || (depth <= deepest && this.#random() >= 0.25))
        structure[name] = this.#member(member, depth);
    }
    if (depth > 0 && Object.keys(structure).length === 0) this.#addOne(structure, members, depth);
    return structure;
  }

  /** Form protocols cannot send an empty structure. */
  #addOne(structure: Record<string, unknown>, members: [string, NormalizedSchema][], depth: number): void {
    const isScalar = ([, member]: [string, NormalizedSchema]) =>
      !member.isStructSchema() && !member.isListSchema() && !member.isMapSchema();
    const [name, member] = members.find(isScalar) ?? members[0] ?? [];
    if (name !== undefined && member) structure[name] = this.#member(member, depth);
  }

  #member(member: NormalizedSchema, depth: number): unknown {
    const isBound = bindings.some((trait) => hasTrait(member, trait));
    return this.value(member, depth + 1, isBound);
  }

  #scalar(schema: NormalizedSchema, isBound: boolean): unknown {
    if (schema.isBooleanSchema()) return this.#random() < 0.5;
    if (schema.isTimestampSchema()) return new Date(this.#below(2e9) * 1000);
    if (schema.isBlobSchema()) return new Uint8Array([1, 2, 255]);
    if (schema.isBigIntegerSchema()) return 5n;
    if (schema.isNumericSchema()) return this.#below(1000);
    if (schema.isDocumentSchema()) return { a: 1 };
    return isBound ? `v${this.#below(99)}` : `${awkwardTexts[this.#below(awkwardTexts.length)]}${this.#below(99)}`;
  }

  #repeat<T>(make: (index: number) => T): T[] {
    return Array.from({ length: 1 + this.#below(2) }, (_, index) => make(index));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

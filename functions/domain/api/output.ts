import type * as z from "zod";

type NamedKeys<T> = keyof { [K in keyof T as string extends K ? never : K]: T[K] };
type Named<T> = T extends readonly (infer E)[]
  ? readonly Named<E>[]
  : T extends object
    ? [NamedKeys<T>] extends [never]
      ? { readonly [K in keyof T]: Named<T[K]> }
      : { readonly [K in keyof T as string extends K ? never : K]: Named<T[K]> }
    : T;

/** What a schema reads, for code of ours: nobody changes it, and fields that only a newer version knows have no name. */
export type Read<S extends z.ZodType> = Named<z.output<S>>;

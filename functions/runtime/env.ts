import * as z from "zod";

export type EnvOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/**
 * The environment is read here only, by the first invocation that needs it, and every problem is reported at once. An empty string is not a
 * value.
 */
export function readEnv<S extends z.ZodRawShape>(shape: S): EnvOf<S> {
  const result = z.object(shape).safeParse(process.env);
  if (!result.success) throw new Error(`bad environment\n${z.prettifyError(result.error)}`);
  return result.data;
}

export const NonEmpty = z.string().min(1);

/** Made when it is first asked for, and once. */
export function lazily<T extends object | string>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

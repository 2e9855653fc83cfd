import * as z from "zod";

/**
 * The environment is read here only, once a cold start, and every problem is reported at once. An empty string is not a
 * value.
 */
export const readEnv = <S extends z.ZodRawShape>(shape: S): z.output<z.ZodObject<S>> => {
  const result = z.object(shape).safeParse(process.env);
  if (!result.success) throw new Error(`bad environment\n${z.prettifyError(result.error)}`);
  return result.data;
};

export const NonEmpty = z.string().min(1);

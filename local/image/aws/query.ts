import { UsageError } from "./errors.ts";

/** Members joined by dots, each with any number of indexes: `Volumes[0].Attachments[0].State`. */
const PATH_PATTERN = /^[A-Za-z]\w*(\[\d+\])*(\.[A-Za-z]\w*(\[\d+\])*)*$/;

/** The part of `document` that `--query` names; null where there is none. Only paths, not the rest of JMESPath. */
export function selectPath(document: unknown, path: string): unknown {
  if (!PATH_PATTERN.test(path)) {
    throw new UsageError(
      `Bad value for --query ${path}: the stand-in of the local cloud takes paths such as A.B[0].C only`,
    );
  }
  let value = document;
  for (const step of path.split(/[.[\]]/).filter(Boolean)) {
    value =
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([name]) => name === step)?.[1]
        : undefined;
  }
  return value ?? null;
}

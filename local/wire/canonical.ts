/** A query parameter's name and value, decoded. */
export type QueryParameter = readonly [name: string, value: string];

/** Splits a raw query. A plus sign is itself: only HTML forms mean a blank by it, and no AWS client signs those. */
export function parseQuery(query: string): QueryParameter[] {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const equals = part.indexOf("=");
      return equals < 0 ? [decode(part), ""] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
    });
}

/** The query of Signature Version 4's canonical request: everything encoded, sorted by name, then by value. */
export function canonicalQuery(parameters: readonly QueryParameter[]): string {
  return parameters
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/**
 * The path of the canonical request. S3 takes it encoded once; every other service normalises it and encodes what is
 * already encoded a second time.
 */
export function canonicalPath(rawPath: string, service: string): string {
  const path = rawPath === "" ? "/" : rawPath;
  if (service === "s3")
    return path
      .split("/")
      .map((segment) => encode(decode(segment)))
      .join("/");
  return normalise(path).split("/").map(encode).join("/");
}

/** RFC 3986 §6.2.2.3, and repeated slashes become one. */
function normalise(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const trailing = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${trailing}`;
}

/** Percent-encodes everything but RFC 3986's unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Text that is not validly encoded stands for itself: its signature will not match anything else. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

import { AwsError } from "../wire/contract.ts";

/**
 * A member that the caller must give. The SDK's types allow `undefined` everywhere; the services do not.
 * @throws AwsError with `code`, worded as the query services word it.
 */
export function required<T>(value: T | undefined, member: string, code = "ValidationError"): T {
  if (value === undefined) {
    const path = member.charAt(0).toLowerCase() + member.slice(1);
    throw new AwsError(
      code,
      `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

/**
 * Cuts one page out of a list. The token is opaque to callers and names the position, as several services do.
 * @throws AwsError with `tokenError` (each service has its own name) for a token that was never handed out.
 */
export function paginate<T>(
  all: readonly T[],
  request: { limit: number; token: string | undefined; tokenError: string },
): Page<T> {
  const start = request.token === undefined ? 0 : Number(Buffer.from(request.token, "base64url").toString());
  if (!Number.isInteger(start) || start < 0 || (request.token !== undefined && start === 0)) {
    throw new AwsError(request.tokenError, "The token is invalid.");
  }
  const end = start + request.limit;
  return {
    items: all.slice(start, end),
    nextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}

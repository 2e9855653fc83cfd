import { z } from "zod";
import { AwsError } from "../../wire/contract.ts";
import { invalidParameter } from "./errors.ts";

const savedTokens = z.array(
  z.object({ key: z.string(), fingerprint: z.string(), resourceIds: z.array(z.string()) }).readonly(),
);
type SavedToken = z.infer<typeof savedTokens>[number];

/** Client tokens: the same token with the same parameters names the resources that the first call made. */
export class Tokens {
  readonly #tokens = new Map<string, SavedToken>();

  /**
   * Runs `create` once a token; without a token, always. Returns the ids that were made.
   * @param exists a token is forgotten with its resources, as a name would be.
   * @throws AwsError `IdempotentParameterMismatch`, `InvalidParameterValue` for a token that AWS would refuse.
   */
  once<I extends { ClientToken?: string | undefined }>(
    operation: string,
    input: I,
    exists: (id: string) => boolean,
    create: () => string[],
  ): string[] {
    const token = input.ClientToken;
    if (token === undefined) return create();
    if (!/^[\x20-\x7e]{1,64}$/.test(token))
      throw invalidParameter(token, "ClientToken", "At most 64 ASCII characters.");
    const key = `${operation}/${token}`;
    const fingerprint = canonical(input);
    const used = this.#tokens.get(key);
    if (used?.resourceIds.some(exists)) {
      if (used.fingerprint !== fingerprint) {
        throw new AwsError(
          "IdempotentParameterMismatch",
          "The client token you have provided is associated with a resource whose parameters differ from this request.",
        );
      }
      return used.resourceIds;
    }
    const resourceIds = create();
    this.#tokens.set(key, { key, fingerprint, resourceIds });
    return resourceIds;
  }

  /** Drops every token that names this resource. */
  forget(resourceId: string): void {
    for (const [key, token] of this.#tokens) {
      if (token.resourceIds.includes(resourceId)) this.#tokens.delete(key);
    }
  }

  snapshot(): SavedToken[] {
    return [...this.#tokens.values()];
  }

  load(saved: unknown): void {
    for (const token of savedTokens.parse(saved)) this.#tokens.set(token.key, token);
  }
}

/** JSON with sorted keys, so that the order of parameters does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

import type * as z from "zod";
import type { ProblemName } from "./problems.ts";
import type { ApiRequest } from "./requests.ts";

/** An answer that is no problem. Without a schema it has no body. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** Header and what it means. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a chat sends to its endpoint: bytes, which are verified before they are parsed. */
export interface ChatBody {
  readonly mediaType: string;
  readonly description: string;
}

/** All that is published of a route, beside what its handler needs. */
export interface ApiRoute {
  readonly request: ApiRequest;
  readonly tag: "Clusters" | "Backups" | "Operations" | "Fleets" | "Chat" | "About";
  readonly summary: string;
  readonly description?: string;
  /** File of functions/api or functions/chat/handlers whose function answers. */
  readonly function: string;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Problems of this route, beside those that any may answer with. */
  readonly problems: readonly ProblemName[];
  /** The body's schema as it is published, where the handler's own leaves the details to parse-spec.ts. */
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown };
  readonly chat?: ChatBody;
}

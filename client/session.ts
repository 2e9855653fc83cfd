import type { ApiClient } from "./api-client.ts";
import type { ApiTarget } from "./api-target.ts";
import type { Terminal } from "./terminal.ts";

/** What a command is given. */
export interface Session {
  readonly api: ApiClient;
  readonly target: ApiTarget;
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

import { ApiClient } from "../../../client/api-client.ts";
import { ApiRefused, CommandFailed } from "../../../client/api-errors.ts";
import type { ApiTarget } from "../../../client/api-target.ts";
import { execute } from "../../../client/execute.ts";
import { EXIT } from "../../../client/exit-codes.ts";
import type { ApiCommand } from "../../../client/grammar/command.ts";
import type { AwsCredentials } from "../../../client/signing.ts";
import { type AccessRules, mayDo } from "../../domain/access/authorization.ts";
import { changesNothing, demandOf } from "../../domain/api/api-demand.ts";
import { whyTooLargeFor } from "./size-rule.ts";

/** A message is this wide before chats wrap its lines. */
const COLUMNS = 90;

/** The API as a function calls it, with its own role: signed like any other client's requests. */
export function apiAsFunction(url: string, region: string, credentials: AwsCredentials): ApiTarget {
  return {
    url,
    region,
    local: false,
    agent: "holdfast-chat",
    credentials: async () => credentials,
  };
}

export interface OnBehalf {
  readonly access: AccessRules;
  readonly principal: string;
  /** Null while nothing may be changed; then the id that makes the change happen once. */
  readonly changeKey: string | null;
}

export interface CommandResult {
  readonly code: number;
  /** What a terminal would have shown. */
  readonly out: string;
  readonly notes: readonly string[];
}

/**
 * Executes a command as a terminal would, for somebody in a chat. Each request is checked against that person's roles.
 * Until it is confirmed, no request that writes is sent.
 */
export async function runOnBehalf(command: ApiCommand, target: ApiTarget, of: OnBehalf): Promise<CommandResult> {
  let out = "";
  const notes: string[] = [];
  const terminal = {
    columns: COLUMNS,
    interactive: false,
    out: (text: string) => {
      out += text;
    },
    note: (line: string) => void notes.push(line),
    paint: (_: unknown, text: string) => text,
  };
  try {
    const api = new ApiClient(target, guardOf(of, target));
    const code = await execute(command, { api, target, terminal, environment: {} });
    return { code, out, notes };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { code: error.exitCode, out, notes: [...notes, `error: ${error.message}`] };
  }
}

function guardOf({ access, principal, changeKey }: OnBehalf, target: ApiTarget) {
  let writes = 0;
  const mayRead = (cluster: unknown) => typeof cluster !== "string" || mayDo(access, principal, "read", cluster);
  return {
    admit: async (method: string, path: string, body: unknown): Promise<void> => {
      const { action, cluster } = demandOf(method, path, body);
      if (!mayDo(access, principal, action, cluster)) {
        // To whom may not read it, it is not there.
        if (action === "read") throw notThere(path);
        throw new CommandFailed(deniedSentence(action, cluster), EXIT.failed);
      }
      if (changeKey === null && !changesNothing(method, path, body))
        throw new CommandFailed("this command changes something before it is confirmed, so it is refused", EXIT.failed);
      const why = await whyTooLargeFor({ access, principal }, { method, path, body }, new ApiClient(target));
      if (why !== undefined) throw new CommandFailed(why, EXIT.failed);
    },
    shows: (path: string, document: unknown): boolean => {
      if (typeof document !== "object" || document === null) return true;
      if (/^\/clusters(\?|$)/.test(path)) return mayRead("name" in document ? document.name : undefined);
      return mayRead("cluster" in document ? document.cluster : undefined);
    },
    idempotencyKey: (): string => `chat-${changeKey ?? "plan"}-${writes++}`,
  };
}

function notThere(path: string): ApiRefused {
  return new ApiRefused({ type: "about:blank", title: "Not found", status: 404, detail: `there is no ${path}` });
}

export function deniedSentence(action: string, cluster: string | null): string {
  return `you are not allowed to ${action} ${cluster ?? "every cluster"}`;
}

import type { ApiCommand, Command } from "../../../client/grammar/command.ts";
import type { Action } from "../../domain/access/authorization.ts";
import { shown } from "../../domain/spec/values.ts";

/** What a chat does with a command. */
export type ChatRequest =
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "unavailable"; readonly reason: string }
  | {
      readonly kind: "run";
      readonly command: ApiCommand;
      readonly action: Action;
      /** Null when it is about all clusters. */
      readonly cluster: string | null;
      /** Show what it would do, then wait for the button. */
      readonly confirm: boolean;
    };

/** Rules by the beginning of a command's kind. A kind that is not listed counts as a change. */
const VERBS: readonly (readonly [verb: string, action: Action])[] = [
  ["get-", "read"],
  ["describe-", "read"],
  ["validate-", "read"],
  ["create-", "create"],
  ["repair-", "repair"],
  ["backup-", "repair"],
  ["drill-", "repair"],
  ["delete-", "delete"],
  // It throws away what was written since.
  ["restore-", "delete"],
];

/**
 * A command that has `yes`, or a plan made for it here, changes something: a chat shows its plan, whether or not `--yes`
 * was typed, and waits for the button. `--wait` and `--follow` are left out, since a chat shows progress by itself.
 */
export function evaluateCommand(command: Command): ChatRequest {
  if (command.kind === "help") return { kind: "say", text: command.text };
  if (
    command.kind === "local" ||
    command.kind === "demo" ||
    command.kind === "completion" ||
    command.kind === "console" ||
    command.kind === "register-fleet" ||
    command.kind === "version"
  )
    return { kind: "unavailable", reason: `"${command.kind}" is a command for the terminal.` };
  if (command.kind === "export-kubeconfig" || command.kind === "credential")
    return { kind: "unavailable", reason: "What is exported is secret, and a chat is not: use the terminal." };
  if (command.kind === "join-hub")
    return { kind: "unavailable", reason: "To join a hub takes the keys of both sides: use the terminal." };
  if ("filename" in command && command.filename !== null)
    return { kind: "unavailable", reason: "A chat has no files: write the flags, or use the terminal." };
  if (command.kind === "create-cluster" && command.fromBackup)
    return { kind: "unavailable", reason: "A takeover hands over another cluster's secrets: use the terminal." };
  return {
    kind: "run",
    command: withoutWaiting(command),
    action: VERBS.find(([verb]) => command.kind.startsWith(verb))?.[1] ?? "change",
    cluster: clusterOf(command),
    confirm: planOf(command) !== undefined || ("yes" in command && !("dryRun" in command && command.dryRun)),
  };
}

/**
 * The plan of a command that has none of its own, since in a terminal it needs no `--yes`: what it does, and what must be
 * there to read before.
 */
export function planOf(command: ApiCommand): { readonly text: string; readonly reads: ApiCommand } | undefined {
  if (command.kind !== "backup-cluster" && command.kind !== "drill-cluster" && command.kind !== "pin-backup")
    return undefined;
  const name = shown(command.name);
  const cluster = { kind: "get-clusters", name: command.name, output: "json" } as const;
  switch (command.kind) {
    case "backup-cluster":
      return { text: `Saves the etcd of ${name} to S3 now. The cluster is only read.\n`, reads: cluster };
    case "drill-cluster": {
      const which = command.backup === null ? `the newest backup of ${name}` : `${shown(command.backup)} of ${name}`;
      return {
        text: `Restores ${which} on a host of its own, which then ends. No master is touched.\n`,
        reads: cluster,
      };
    }
    case "pin-backup": {
      const kept = command.pinned ? "Keeps it whatever retention says" : "Lets retention remove it";
      const reads = { kind: "describe-backup", name: command.name, id: command.id, output: "json" } as const;
      return { text: `Backup ${shown(command.id)} of ${name}. ${kept}.\n`, reads };
    }
  }
}

function withoutWaiting(command: ApiCommand): ApiCommand {
  if ("waitMs" in command) return { ...command, waitMs: null };
  if (!("follow" in command)) return command;
  const { follow: _, ...shown } = command;
  return shown;
}

/** The same command as it is shown before, or executed after, the button. */
export function unconfirmed(command: ApiCommand): ApiCommand {
  return "yes" in command ? { ...command, yes: false } : command;
}

/** In JSON, which names the operation that was started. */
export function confirmed(command: ApiCommand): ApiCommand {
  if (planOf(command) !== undefined && "output" in command) return { ...command, output: "json" };
  return "yes" in command ? { ...command, yes: true, output: "json" } : command;
}

/** The name as it was typed, valid or not: the command itself reports what is wrong with it. */
function clusterOf(command: ApiCommand): string | null {
  if ("name" in command) return command.name;
  if ("fleet" in command || "rollout" in command || "endpoint" in command) return null;
  return command.flags.find(({ flag }) => flag === "NAME" || flag === "--name")?.value ?? null;
}

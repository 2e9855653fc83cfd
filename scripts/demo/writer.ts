import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Observations } from "./observations.ts";

/** A shell command on a host of the local cloud, as `POST /_shell` gives it. */
export interface HostCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Writes one key after the other through etcd's members, from a host that stays alive, until stopped; counts what was
 * acknowledged and the longest time without an acknowledgement. A short time-out a try, since a put that is caught by
 * the leader's death is lost for seconds (docs/references/local-hosts.md#leader-loss).
 */
export function startWriter(host: HostCommand, writes: Observations["writes"]): { stop(): Promise<void> } {
  const child = spawn(host.command, host.args, { stdio: ["pipe", "pipe", "ignore"] });
  let lastAcknowledged = Date.now();
  child.stdout.on("data", (chunk: Buffer) => {
    for (const word of chunk.toString().split("\n")) {
      if (word === "failed") writes.failed++;
      if (word !== "ok") continue;
      writes.acknowledged++;
      writes.maxGapMs = Math.max(writes.maxGapMs, Date.now() - lastAcknowledged);
      lastAcknowledged = Date.now();
    }
  });
  return {
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit", { signal: AbortSignal.timeout(10_000) });
    },
  };
}

/** The loop that runs on the host: ends when its standard input does. */
export const WRITE_LOOP = `
set -a; . /etc/holdfast/etcdctl; ETCDCTL_ENDPOINTS=$0; set +a
n=0
while true; do
  read -rt 0.02 _
  [ $? -gt 128 ] || break # above 128: nothing to read yet; else standard input has ended
  n=$((n + 1))
  etcdctl put --command-timeout=700ms --dial-timeout=300ms demo/writes $n >/dev/null 2>&1 && echo ok || echo failed
done`;

import { hostPath } from "./image-layout.ts";
import { type Isolation, userNamespaceFlags } from "./requirements.ts";

/** What a shell on a host enters: first the host runtime's namespaces, then the host's. */
export interface ShellTarget {
  readonly nsenter: string;
  readonly isolation: Isolation;
  /** The host runtime's process as this machine knows it. */
  readonly runtimePid: number;
  /** The host's first process as the host runtime knows it. */
  readonly hostPid: number;
}

/** A command that runs `argv` on a host, as root, with the environment of a login. */
export function shellCommand(target: ShellTarget, argv: readonly string[]): { command: string; args: string[] } {
  const { nsenter, isolation, runtimePid, hostPid } = target;
  const enterUser = userNamespaceFlags[isolation].enter;
  const intoRuntime = ["--target", String(runtimePid), ...enterUser, "--mount", "--net", "--pid"];
  const intoHost = ["--target", String(hostPid), "--mount", "--net", "--pid", "--uts", "--ipc", "--root", "--wd"];
  const terminal = `TERM=${process.env["TERM"] ?? "dumb"}`;
  const environment = ["/usr/bin/env", "-i", `PATH=${hostPath}`, "HOME=/root", terminal];
  const script = 'set -a; . /etc/environment; set +a; cd /root; exec "$@"';
  return {
    command: nsenter,
    args: [...intoRuntime, nsenter, ...intoHost, ...environment, "/bin/bash", "-c", script, "shell", ...argv],
  };
}

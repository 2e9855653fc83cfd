import { hostPath } from "./image-layout.ts";
import { type Isolation, userNamespaceFlags } from "./requirements.ts";

/** What a shell on a host enters: first the lab's namespaces, then the host's. */
export interface ShellTarget {
  readonly nsenter: string;
  readonly isolation: Isolation;
  /** The lab's process as this machine knows it. */
  readonly labPid: number;
  /** The host's first process as the lab knows it. */
  readonly hostPid: number;
}

/** A command that runs `argv` on a host, as root, with the environment of a login. */
export function shellCommand(target: ShellTarget, argv: readonly string[]): { command: string; args: string[] } {
  const { nsenter, isolation, labPid, hostPid } = target;
  const enterUser = userNamespaceFlags[isolation].enter;
  const intoLab = ["--target", String(labPid), ...enterUser, "--mount", "--net", "--pid"];
  const intoHost = ["--target", String(hostPid), "--mount", "--net", "--pid", "--uts", "--ipc", "--root", "--wd"];
  const terminal = `TERM=${process.env["TERM"] ?? "dumb"}`;
  const environment = ["/usr/bin/env", "-i", `PATH=${hostPath}`, "HOME=/root", terminal];
  const script = 'set -a; . /etc/environment; set +a; cd /root; exec "$@"';
  return {
    command: nsenter,
    args: [...intoLab, nsenter, ...intoHost, ...environment, "/bin/bash", "-c", script, "shell", ...argv],
  };
}

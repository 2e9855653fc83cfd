import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildImage } from "../../image/build.ts";

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * systemctl of a host whose only service is the kubelet. Files of the host lie below $HOST_ROOT; the kubelet is started
 * as its unit says.
 */
const SYSTEMCTL = `#!/bin/sh
stop() { [ ! -f "$HOST_ROOT/kubelet.pid" ] || kill "$(cat "$HOST_ROOT/kubelet.pid")" 2>/dev/null; }
echo "$*" >>"$HOST_ROOT/systemctl.log"
case "$1" in
  stop) stop; exit 0 ;;
  restart) stop ;;
  *) exit 0 ;;
esac
set -a
. "$HOST_ROOT/var/lib/kubelet/kubeadm-flags.env"
set +a
setsid kubelet --bootstrap-kubeconfig="$HOST_ROOT/etc/kubernetes/bootstrap-kubelet.conf" --kubeconfig="$HOST_ROOT/etc/kubernetes/kubelet.conf" --config="$HOST_ROOT/var/lib/kubelet/config.yaml" \\
  $KUBELET_KUBEADM_ARGS >"$HOST_ROOT/kubelet.log" 2>&1 </dev/null &
echo $! >"$HOST_ROOT/kubelet.pid"
`;

/** The image's programs, bundled, runnable on this machine with a directory in place of a host's root. */
export class Programs {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async build(directory: string): Promise<Programs> {
    await buildImage(join(directory, "dist"));
    mkdirSync(join(directory, "bin"));
    writeFileSync(join(directory, "bin/systemctl"), SYSTEMCTL);
    chmodSync(join(directory, "bin/systemctl"), 0o755);
    return new Programs(directory);
  }

  /** The environment in which launchers find their bundles and `systemctl` is the test's. */
  environment(hostRoot: string, extra: Record<string, string> = {}): Record<string, string> {
    const image = resolve(import.meta.dirname, "../../image");
    const path = [
      join(this.#directory, "bin"),
      join(image, "kubernetes/bin"),
      join(image, "aws/bin"),
      dirname(process.execPath),
    ];
    return {
      PATH: [...path, "/usr/bin", "/bin"].join(":"),
      HOLDFAST_IMAGE_DIST: join(this.#directory, "dist"),
      HOME: hostRoot,
      HOST_ROOT: hostRoot,
      ...extra,
    };
  }

  /** Runs a program to its end, 20 s at most. */
  run(hostRoot: string, command: readonly string[], extra: Record<string, string> = {}): Promise<ProgramResult> {
    const [program = "", ...args] = command;
    const options = { env: this.environment(hostRoot, extra), timeout: 20_000 };
    return new Promise((done) => {
      execFile("/usr/bin/env", [program, ...args], options, (error, stdout, stderr) => {
        done({ exitCode: typeof error?.code === "number" ? error.code : error ? 1 : 0, stdout, stderr });
      });
    });
  }
}

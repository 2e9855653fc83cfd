import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { z } from "zod";
import { agentSocket } from "../../image/base/agent-protocol.ts";
import { hostPath } from "../image-layout.ts";
import type { RuntimeHostSpec } from "../protocol.ts";
import { XEN_NAMES } from "./devices.ts";

const initProgram = "/opt/image/init";
/** Where a host has the names of its volumes: on Xen /dev itself leads there. */
const LINKS = { nitro: "/dev/disk/by-id", xen: "/dev/.xen" };
const startInfo = z.object({ "child-pid": z.number() });
/** The file descriptor on which bubblewrap writes the process id of the host's first process. */
const infoDescriptor = 3;

/**
 * The processes of one host that runs: bubblewrap's monitor, and the first process inside, with which all others end.
 */
export interface Sandbox {
  readonly pid: number;
  /** Resolves when no process of the host is left and its volumes are released. */
  readonly ended: Promise<void>;
}

/**
 * Starts a host's init in process, network, mount, IPC and host name namespaces of its own. Resolves as soon as the
 * namespaces exist; rejects with bubblewrap's complaint.
 */
export async function startSandbox(
  bwrap: string,
  host: RuntimeHostSpec,
  socket: string,
  onConsole: (text: string) => void,
): Promise<Sandbox> {
  const child = spawn(bwrap, sandboxArguments(host, socket), {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { PATH: hostPath, NODE_COMPILE_CACHE: "/var/cache/image-node" },
  });
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => onConsole(chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000);
    onConsole(chunk.toString());
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", () => reject(new Error(`host ${host.instanceId} did not start: ${stderr.trim()}`)));
  });
  failed.catch(() => undefined);
  const pid = await Promise.race([readPid(child), failed]);
  return { pid, ended };
}

function sandboxArguments(host: RuntimeHostSpec, socket: string): string[] {
  const flags = [
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-ipc",
    "--die-with-parent",
    "--new-session",
  ];
  const shared = [
    { source: `${host.directory}/devices/block`, target: "/dev/volumes", writable: true },
    { source: `${host.directory}/devices/links`, target: LINKS[host.hypervisor], writable: false },
    { source: socket, target: agentSocket, writable: true },
  ];
  const binds = ({ source, target, writable }: { source: string; target: string; writable: boolean }): string[] => [
    writable ? "--bind" : "--ro-bind",
    source,
    target,
  ];
  return [
    ...flags,
    ...["--cap-add", "ALL", "--hostname", host.hostname, "--info-fd", String(infoDescriptor)],
    ...host.binds.flatMap(binds),
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run"],
    ...shared.flatMap(binds),
    ...(host.hypervisor === "xen" ? XEN_NAMES : []).flatMap((name) => [
      "--symlink",
      `${LINKS.xen}/${name}`,
      `/dev/${name}`,
    ]),
    ...["--chdir", "/", "/opt/image-node/node", initProgram],
  ];
}

async function readPid(child: ChildProcess): Promise<number> {
  const stream = child.stdio[infoDescriptor];
  if (!stream || !("read" in stream)) throw new Error("bubblewrap has no information channel");
  const text = await readAll(stream);
  return startInfo.parse(JSON.parse(text))["child-pid"];
}

async function readAll(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controllerMethods, runtimeMethods } from "./protocol.ts";
import { type Isolation, type Programs, runtimeNamespaces } from "./requirements.ts";
import { type MethodHandlers, Peer } from "./rpc.ts";

const runtimeProgram = join(import.meta.dirname, "runtime", "main.ts");
const closeTimeoutMs = 5000;

/** What a host runtime is started with. */
export interface RuntimeOptions {
  readonly programs: Programs;
  readonly isolation: Isolation;
  readonly awsSocket: string;
  readonly apiSocket: string | undefined;
  readonly compileCache: string;
  readonly handlers: MethodHandlers<typeof controllerMethods>;
  log(line: string): void;
}

/** A host runtime seen from the controller: the process in its namespaces, and the line of calls to it. */
export class RuntimeProcess {
  readonly peer: Peer<typeof runtimeMethods, typeof controllerMethods>;
  /** Resolves when no process of the host runtime is left, whatever ended it. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #socketDirectory: string;

  private constructor(child: ChildProcess, socketDirectory: string, options: RuntimeOptions) {
    const { stdin, stdout, stderr } = child;
    if (!stdin || !stdout || !stderr) throw new Error("the host runtime has no pipes");
    this.#process = child;
    this.#socketDirectory = socketDirectory;
    this.ended = new Promise((resolve) => child.once("close", () => resolve()));
    stderr.on("data", (chunk: Buffer) => options.log(`runtime: ${chunk.toString().trimEnd()}`));
    child.on("error", (error) => options.log(`runtime: ${error.message}`));
    this.peer = new Peer({ input: stdout, output: stdin }, runtimeMethods, controllerMethods, options.handlers);
  }

  /** Starts a host runtime as root of new network, mount and process namespaces. */
  static async start(options: RuntimeOptions): Promise<RuntimeProcess> {
    const { programs, isolation, awsSocket, apiSocket, compileCache } = options;
    const socketDirectory = await mkdtemp(join(tmpdir(), "holdfast-runtime-"));
    const child = spawn(programs.unshare, [...runtimeNamespaces(isolation), process.execPath, runtimeProgram], {
      stdio: "pipe",
      // Ctrl-C in the controller's terminal is the controller's to handle: it ends hosts in order.
      detached: true,
      env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, NODE_COMPILE_CACHE: compileCache },
    });
    const runtime = new RuntimeProcess(child, socketDirectory, options);
    try {
      await runtime.peer.call("configure", {
        socketDirectory,
        awsSocket,
        ...(apiSocket !== undefined && { apiSocket }),
        bwrap: programs.bwrap,
        compileCache,
      });
    } catch (error) {
      await runtime.close();
      throw error;
    }
    return runtime;
  }

  /** Where connections to the VPC begin; see the host runtime's `listenForwards`. */
  get forwardSocket(): string {
    return join(this.#socketDirectory, "forward");
  }

  /** The host runtime's process id as the machine sees it: the one child of `unshare`. */
  get pid(): number {
    const parent = this.#process.pid;
    return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim());
  }

  /**
   * Ends the host runtime, and with it every host, mount and namespace inside. Resolves when no process of it is left.
   */
  async close(): Promise<void> {
    this.#process.stdin?.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), closeTimeoutMs);
    await this.ended;
    clearTimeout(timer);
    this.peer.close();
    await rm(this.#socketDirectory, { recursive: true, force: true });
  }
}

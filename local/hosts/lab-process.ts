import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controllerMethods, labMethods } from "./protocol.ts";
import { type Isolation, labNamespaces, type Programs } from "./requirements.ts";
import { type MethodHandlers, Peer } from "./rpc.ts";

const labProgram = join(import.meta.dirname, "lab", "main.ts");
const closeTimeoutMs = 5000;

/** What a lab is started with. */
export interface LabOptions {
  readonly programs: Programs;
  readonly isolation: Isolation;
  readonly awsSocket: string;
  readonly apiSocket: string | undefined;
  readonly compileCache: string;
  readonly handlers: MethodHandlers<typeof controllerMethods>;
  log(line: string): void;
}

/** A lab seen from the controller: the process in its namespaces, and the line of calls to it. */
export class LabProcess {
  readonly peer: Peer<typeof labMethods, typeof controllerMethods>;
  /** Resolves when no process of the lab is left, whatever ended it. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #socketDirectory: string;

  private constructor(child: ChildProcess, socketDirectory: string, options: LabOptions) {
    const { stdin, stdout, stderr } = child;
    if (!stdin || !stdout || !stderr) throw new Error("the lab has no pipes");
    this.#process = child;
    this.#socketDirectory = socketDirectory;
    this.ended = new Promise((resolve) => child.once("close", () => resolve()));
    stderr.on("data", (chunk: Buffer) => options.log(`lab: ${chunk.toString().trimEnd()}`));
    child.on("error", (error) => options.log(`lab: ${error.message}`));
    this.peer = new Peer({ input: stdout, output: stdin }, labMethods, controllerMethods, options.handlers);
  }

  /** Starts a lab as root of new network, mount and process namespaces. */
  static async start(options: LabOptions): Promise<LabProcess> {
    const { programs, isolation, awsSocket, apiSocket, compileCache } = options;
    const socketDirectory = await mkdtemp(join(tmpdir(), "holdfast-lab-"));
    const child = spawn(programs.unshare, [...labNamespaces(isolation), process.execPath, labProgram], {
      stdio: "pipe",
      // Ctrl-C in the controller's terminal is the controller's to handle: it ends hosts in order.
      detached: true,
      env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, NODE_COMPILE_CACHE: compileCache },
    });
    const lab = new LabProcess(child, socketDirectory, options);
    try {
      await lab.peer.call("configure", {
        socketDirectory,
        awsSocket,
        ...(apiSocket !== undefined && { apiSocket }),
        bwrap: programs.bwrap,
        compileCache,
      });
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  /** Where connections to the VPC begin; see the lab's `listenForwards`. */
  get forwardSocket(): string {
    return join(this.#socketDirectory, "forward");
  }

  /** The lab's process id as the machine sees it: the one child of `unshare`. */
  get pid(): number {
    const parent = this.#process.pid;
    return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim());
  }

  /** Ends the lab, and with it every host, mount and namespace inside. Resolves when no process of it is left. */
  async close(): Promise<void> {
    this.#process.stdin?.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), closeTimeoutMs);
    await this.ended;
    clearTimeout(timer);
    this.peer.close();
    await rm(this.#socketDirectory, { recursive: true, force: true });
  }
}

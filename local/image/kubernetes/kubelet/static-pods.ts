import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { codeOf, messageOf } from "../common/command.ts";
import { VERSION_VARIABLE } from "../common/version.ts";

const SCAN_EVERY_MS = 500;
/** After an exit; doubled up to the last one, and forgotten once the program has run for that long. */
const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 5000;
const TERMINATION_GRACE_MS = 2000;

const podSchema = z.looseObject({
  kind: z.literal("Pod"),
  spec: z.looseObject({
    containers: z
      .array(z.looseObject({ name: z.string(), image: z.string(), command: z.array(z.string()).min(1) }))
      .min(1),
  }),
});

/** Runs what the manifests of a directory declare, as processes of this host; follows the directory until stopped. */
export class StaticPods {
  readonly #directory: string;
  readonly #log: (line: string) => void;
  readonly #pods = new Map<string, { readonly manifest: string; readonly pod: RunningPod }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: string, log: (line: string) => void) {
    this.#directory = directory;
    this.#log = log;
  }

  start(): void {
    this.#scan();
    this.#timer = setInterval(() => this.#scan(), SCAN_EVERY_MS);
  }

  /** Ends every pod; resolves when they have exited. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#pods.values()].map(({ pod }) => pod.stop()));
  }

  #scan(): void {
    const manifests = this.#readManifests();
    for (const [file, { manifest, pod }] of this.#pods) {
      if (manifests.get(file) === manifest) continue;
      this.#pods.delete(file);
      void pod.stop();
    }
    for (const [file, manifest] of manifests) {
      if (!this.#pods.has(file)) this.#pods.set(file, { manifest, pod: this.#run(file, manifest) });
    }
  }

  #readManifests(): Map<string, string> {
    try {
      const files = readdirSync(this.#directory).filter((file) => file.endsWith(".yaml"));
      return new Map(files.map((file) => [file, readFileSync(join(this.#directory, file), "utf8")]));
    } catch (error) {
      // A node that only joined has no such directory.
      if (codeOf(error) !== "ENOENT") this.#log(`cannot read ${this.#directory}: ${messageOf(error)}`);
      return new Map();
    }
  }

  #run(file: string, manifest: string): RunningPod {
    const pod = podSchema.safeParse(parse(manifest));
    if (!pod.success) this.#log(`${file} is no static pod: ${z.prettifyError(pod.error)}`);
    const [container] = pod.data?.spec.containers ?? [];
    return new RunningPod(container, this.#log);
  }
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
}

/** One container as a child process, started again whenever it exits. Without a container there is nothing to run. */
class RunningPod {
  readonly #log: (line: string) => void;
  #process: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;
  #stopped = false;

  constructor(container: Container | undefined, log: (line: string) => void) {
    this.#log = log;
    if (container) this.#start(container);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    const running = this.#process;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const exited = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    const killing = setTimeout(() => running.kill("SIGKILL"), TERMINATION_GRACE_MS);
    await exited;
    clearTimeout(killing);
  }

  #start(container: Container): void {
    const [program = "", ...args] = container.command;
    const startedAt = performance.now();
    // The image tag is the only thing that says which version runs.
    const version = /:(v[\d.]+)$/.exec(container.image)?.[1];
    const env = { ...process.env, ...(version && { [VERSION_VARIABLE]: version }) };
    this.#process = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], env });
    this.#process.once("error", (error) => this.#restartLater(container, startedAt, messageOf(error)));
    this.#process.once("exit", (code, signal) => {
      this.#restartLater(container, startedAt, `exited with ${signal ?? code}`);
    });
  }

  #restartLater(container: Container, startedAt: number, reason: string): void {
    if (this.#stopped) return;
    if (performance.now() - startedAt > LAST_RESTART_MS) this.#restartMs = FIRST_RESTART_MS;
    this.#log(`static pod ${container.name} ${reason}, starting it again in ${this.#restartMs} ms`);
    this.#restart = setTimeout(() => this.#start(container), this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, LAST_RESTART_MS);
  }
}

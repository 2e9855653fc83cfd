import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, closeSync, openSync } from "node:fs";
import { type CommandLine, expandVariables } from "./command-line.ts";
import { type ServiceSettings, serviceEnvironment, serviceSettings } from "./service-settings.ts";
import type { UnitFile } from "./unit-file.ts";

export type ServiceState = "inactive" | "activating" | "active" | "deactivating" | "failed";

/** Longer time-outs and restart delays than this are no use to a timer of Node. */
const maxTimerMs = 2 ** 31 - 1;

/** Where it says what happens to a service, and where the service's own output goes if its unit names the console. */
export interface ServiceOutput {
  readonly report: (line: string) => void;
  readonly writeConsole: (text: string) => void;
}

/** One service unit: starts its commands, watches its main process and restarts it as its policy says. */
export class Service {
  readonly name: string;
  state: ServiceState = "inactive";
  /** Why it failed, in systemd's words (`exit-code`, `signal`, `start-limit-hit`); `success` otherwise. */
  result = "success";
  mainPid = 0;
  restarts = 0;
  #unit: UnitFile;
  #settings: ServiceSettings;
  #environment: Record<string, string> = {};
  #main: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #limitTimer: NodeJS.Timeout | undefined;
  readonly #starts: number[] = [];
  readonly #report: (line: string) => void;
  readonly #writeConsole: (text: string) => void;
  readonly #startAgain: () => Promise<void>;

  /** `startAgain` is how its restart policy starts it: with its dependencies and conditions, as every other start. */
  constructor(unit: UnitFile, { report, writeConsole }: ServiceOutput, startAgain: () => Promise<void>) {
    this.name = unit.name;
    this.#unit = unit;
    this.#settings = serviceSettings(unit);
    this.#report = report;
    this.#writeConsole = writeConsole;
    this.#startAgain = startAgain;
  }

  get unit(): UnitFile {
    return this.#unit;
  }

  /** Takes over a changed unit file (daemon-reload); the running process is untouched. */
  reload(unit: UnitFile): void {
    this.#unit = unit;
    this.#settings = serviceSettings(unit);
  }

  /** Resolves when the service is active or, for a oneshot, done. Rejects when it could not be started. */
  async start(): Promise<void> {
    if (this.state === "active" || this.state === "activating") return;
    clearTimeout(this.#restartTimer);
    if (this.#startsTooOften()) return this.#fail("start-limit-hit");
    this.state = "activating";
    this.result = "success";
    try {
      this.#environment = await serviceEnvironment(this.#unit);
      await this.#runAll(this.#settings.startPre, "tracked");
      if (this.#settings.type === "oneshot") await this.#runOnce();
      else await this.#runMain();
      await this.#runAll(this.#settings.startPost);
      this.#report(`Started ${this.name}.`);
    } catch (error) {
      this.#report(`${this.name}: ${error instanceof Error ? error.message : String(error)}`);
      this.#fail("exit-code");
    }
  }

  /** Runs ExecStop, then SIGTERM, then SIGKILL after the unit's time-out. Resolves when nothing of the service runs. */
  async stop(): Promise<void> {
    // Two who stop it wait for one end: the later of them must not undo a start that follows.
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    if (this.state === "inactive" || this.state === "failed") {
      this.state = "inactive";
      return;
    }
    this.state = "deactivating";
    await this.#runAll(this.#settings.stop).catch((error: unknown) => this.#report(`${this.name}: ${String(error)}`));
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), Math.min(this.#settings.stopMs, maxTimerMs));
    await this.#ended;
    clearTimeout(timer);
    await this.#runAll(this.#settings.stopPost).catch((error: unknown) =>
      this.#report(`${this.name}: ${String(error)}`),
    );
    this.state = "inactive";
    this.#starts.length = 0;
    this.#report(`Stopped ${this.name}.`);
  }

  resetFailed(): void {
    this.#starts.length = 0;
    if (this.state === "failed") this.state = "inactive";
  }

  async #runOnce(): Promise<void> {
    await this.#runAll(this.#settings.start, "tracked");
    this.state = this.#settings.remainAfterExit ? "active" : "inactive";
  }

  async #runMain(): Promise<void> {
    const command = this.#settings.start[0];
    if (!command) throw new Error("has no ExecStart");
    const child = this.#spawn(command);
    this.#main = child;
    this.#ended = new Promise((resolve) => child.once("exit", () => resolve()));
    await started(child);
    this.mainPid = child.pid ?? 0;
    this.state = "active";
    child.once("exit", (code, signal) => this.#onMainExit(child, code, signal));
    const { maxRunMs } = this.#settings;
    if (maxRunMs <= maxTimerMs) this.#limitTimer = setTimeout(() => this.#onTimeLimit(), maxRunMs);
  }

  #onTimeLimit(): void {
    this.#report(`${this.name}: Service reached runtime time limit. Stopping.`);
    this.stop()
      .catch((error: unknown) => this.#report(`${this.name}: ${String(error)}`))
      .finally(() => {
        this.state = "failed";
        this.result = "timeout";
      });
  }

  #onMainExit(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#limitTimer);
    // What the main process left behind in its group goes too: KillMode=control-group.
    killGroup(child, "SIGKILL");
    this.#main = undefined;
    this.mainPid = 0;
    if (this.state === "deactivating") return;
    const clean = code === 0 || signal === "SIGTERM";
    this.#report(`${this.name}: Main process exited, code=${signal ? "killed" : "exited"}, status=${signal ?? code}`);
    this.result = clean ? "success" : signal ? "signal" : "exit-code";
    this.state = clean ? "inactive" : "failed";
    this.#restartAfter(clean);
  }

  #restartAfter(clean: boolean): void {
    const { restart } = this.#settings;
    if (!(restart === "always" || restart === (clean ? "on-success" : "on-failure"))) return;
    this.#restartTimer = setTimeout(
      () => {
        this.restarts += 1;
        this.state = "inactive";
        this.#startAgain().catch((error: unknown) => this.#report(`${this.name}: ${String(error)}`));
      },
      Math.min(this.#settings.restartMs, maxTimerMs),
    );
  }

  #fail(result: string): never {
    const stopping = this.state === "deactivating";
    killGroup(this.#main, "SIGKILL");
    this.state = "failed";
    this.result = result;
    if (result !== "start-limit-hit" && !stopping) this.#restartAfter(false);
    throw new Error(`Job for ${this.name} failed (${result}). See "journalctl -xeu ${this.name}" for details.`);
  }

  #startsTooOften(): boolean {
    const { burst, windowMs } = this.#settings.startLimit;
    const now = Date.now();
    while ((this.#starts[0] ?? now) < now - windowMs) this.#starts.shift();
    this.#starts.push(now);
    return burst > 0 && windowMs > 0 && this.#starts.length > burst;
  }

  /** Runs commands one after the other. `tracked` ones are what `stop` ends: they stand for the main process. */
  async #runAll(commands: readonly CommandLine[], mode: "tracked" | "beside" = "beside"): Promise<void> {
    for (const command of commands) {
      const child = this.#spawn(command);
      const exited = new Promise<number>((resolve) => {
        child.once("error", () => resolve(203));
        child.once("exit", (status) => resolve(status ?? 137));
      });
      if (mode === "tracked") {
        this.#main = child;
        this.#ended = exited.then(() => undefined);
      }
      const code = await exited;
      if (mode === "tracked") this.#main = undefined;
      if (code !== 0 && !command.ignoreFailure) throw new Error(`${command.words[0]} exited with status ${code}`);
    }
  }

  #spawn(command: CommandLine): ChildProcess {
    const variables = { ...this.#environment, MAINPID: String(this.mainPid) };
    const [program = "", ...args] = expandVariables(command.words, variables);
    const path = `/var/log/units/${this.name}.log`;
    const options = { cwd: this.#settings.workingDirectory, env: variables, detached: true };
    if (this.#settings.console) {
      const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => {
          appendFileSync(path, chunk);
          this.#writeConsole(chunk.toString());
        });
      return child;
    }
    const log = openSync(path, "a");
    try {
      return spawn(program, args, { ...options, stdio: ["ignore", log, log] });
    } finally {
      closeSync(log);
    }
  }

  #signal(signal: NodeJS.Signals): void {
    killGroup(this.#main, signal);
  }
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(new Error(`${error.message} (status=203/EXEC)`)));
  });
}

function killGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Every process of the group has ended.
  }
}

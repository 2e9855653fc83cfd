import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { parseInitMessage, type RuntimeMessage, type ScriptResult } from "../../image/base/agent-protocol.ts";
import { readJsonLines, writeJsonLine } from "../../image/base/json-lines.ts";

/**
 * The host runtime's end of the line to one host's init; a new boot of the host brings a new connection to the same
 * socket.
 */
export class AgentLine {
  readonly path: string;
  readonly #server: Server;
  readonly #results = new Map<number, { resolve: (result: ScriptResult) => void; reject: (error: Error) => void }>();
  #socket: Socket | undefined;
  #nextId = 1;
  #onConnected: (() => void) | undefined;
  #onBooted: (() => void) | undefined;
  readonly #onLost: () => void;

  constructor(path: string, onLost: () => void) {
    this.path = path;
    this.#onLost = onLost;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async open(): Promise<void> {
    await rm(this.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.path, resolve);
    });
  }

  /** Resolves when init has connected; call before the host is started. */
  connected(): Promise<void> {
    return new Promise((resolve) => {
      this.#onConnected = resolve;
    });
  }

  /** Makes init boot and resolves when it has. */
  boot(instanceId: string, userData: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onBooted = resolve;
      this.#send({ kind: "boot", instanceId, userData });
    });
  }

  shutdown(): void {
    this.#send({ kind: "shutdown" });
  }

  async run(script: string, timeoutMs: number): Promise<ScriptResult> {
    if (!this.#socket) throw new Error("the host's agent is not online");
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      this.#results.set(id, { resolve, reject });
      this.#send({ kind: "run", id, script, timeoutMs });
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    this.#socket = socket;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#lost(socket));
    readJsonLines(socket, (value) => this.#receive(value));
    this.#onConnected?.();
  }

  #receive(value: unknown): void {
    const message = parseInitMessage(value);
    if (message.kind === "booted") {
      this.#onBooted?.();
      return;
    }
    this.#results.get(message.id)?.resolve(message.result);
    this.#results.delete(message.id);
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    for (const { reject } of this.#results.values()) reject(new Error("the host ended before the command did"));
    this.#results.clear();
    this.#onLost();
  }

  #send(message: RuntimeMessage): void {
    if (this.#socket) writeJsonLine(this.#socket, message);
  }
}

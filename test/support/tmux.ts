import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { eventually } from "./scenario.ts";

const WITHIN_MS = 45_000;

/** A terminal as people have one, of 80 columns and 24 rows, with a shell in it. */
export class Tmux implements Disposable {
  readonly #socket = `holdfast-${randomUUID()}`;

  constructor(environment: Readonly<Record<string, string>>) {
    const variables = Object.entries(environment).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const shell = ["env", "PS1=$ ", "bash", "--norc", "--noprofile"];
    this.#run("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", ...variables, ...shell);
    this.#run("set-option", "-g", "history-limit", "10000");
    // The limit is that of panes made after it.
    this.#run("new-window", "-k", "-t", ":0", ...variables, ...shell);
  }

  /** Types a line, or keys by their names. */
  type(line: string): void {
    this.#run("send-keys", "-l", line);
    this.press("Enter");
  }

  press(key: string): void {
    this.#run("send-keys", key);
  }

  /** Everything that was ever shown and was not erased: the scrollback, then the screen. */
  text(): string {
    return this.#run("capture-pane", "-p", "-J", "-S", "-");
  }

  clear(): void {
    this.type("clear");
    this.#run("clear-history");
  }

  /** Waits until the terminal shows this, and resolves with all its text. */
  shows(pattern: RegExp): Promise<string> {
    return eventually(
      async () => this.text(),
      (text) => pattern.test(text),
      WITHIN_MS,
    );
  }

  /** Types a command, waits for its end, and resolves with all that the terminal shows. */
  async run(command: string): Promise<string> {
    const mark = randomUUID().slice(0, 8);
    this.type(`${command}; echo end-${mark.slice(0, 4)}""${mark.slice(4)} $?`);
    return this.shows(new RegExp(`end-${mark.slice(0, 4)}${mark.slice(4)} \\d+`));
  }

  [Symbol.dispose](): void {
    this.#run("kill-server");
  }

  #run(...args: string[]): string {
    return execFileSync("tmux", ["-L", this.#socket, ...args], { encoding: "utf8" });
  }
}

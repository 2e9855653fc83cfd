import type { CloudContext } from "../context/context.ts";
import type { Rule } from "./rules.ts";

/** Timers may not wait longer than this (a 32-bit number of milliseconds); longer waits are cut in pieces. */
const MAX_SLEEP_MS = 60 * 60_000;

/** Fires scheduled rules by the context's clock. `speed` 60 makes an hour a minute; 0 switches schedules off. */
export class Scheduler {
  readonly #clock: CloudContext["clock"];
  readonly #speed: number;
  readonly #fire: (rule: Rule, dueAt: number) => void;
  readonly #running = new Map<string, AbortController>();

  constructor(options: {
    readonly clock: CloudContext["clock"];
    readonly speed: number;
    readonly fire: (rule: Rule, dueAt: number) => void;
  }) {
    this.#clock = options.clock;
    this.#speed = options.speed;
    this.#fire = options.fire;
  }

  /** Starts, restarts or (disabled, without schedule) stops the rule's timer. */
  update(rule: Rule): void {
    this.stop(rule.arn);
    if (!rule.schedule || rule.state === "DISABLED" || this.#speed === 0) return;
    const controller = new AbortController();
    this.#running.set(rule.arn, controller);
    this.#run(rule, controller.signal).catch(() => this.#running.delete(rule.arn));
  }

  stop(ruleArn: string): void {
    this.#running.get(ruleArn)?.abort();
    this.#running.delete(ruleArn);
  }

  close(): void {
    for (const arn of [...this.#running.keys()]) this.stop(arn);
  }

  async #run(rule: Rule, signal: AbortSignal): Promise<void> {
    const start = this.#clock.now();
    const scheduleTime = (): number => start + (this.#clock.now() - start) * this.#speed;
    let due = rule.schedule?.(start);
    while (due !== undefined) {
      for (let rest = due - scheduleTime(); rest > 0; rest = due - scheduleTime())
        await this.#clock.sleep(Math.min(Math.ceil(rest / this.#speed), MAX_SLEEP_MS), signal);
      signal.throwIfAborted();
      this.#fire(rule, due);
      due = rule.schedule?.(Math.max(due, scheduleTime()));
    }
  }
}

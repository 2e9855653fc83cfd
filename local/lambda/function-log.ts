/** How a function's lines reach its log group (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html). */
export type LogFormat = "Text" | "JSON";

export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMegabytes: number;
  /** JSON of the failure, as Invoke answers it; undefined after a success. */
  readonly failure: string | undefined;
}

export interface FunctionLogOptions {
  readonly format: LogFormat;
  readonly now: () => number;
  readonly write: (message: string, time: number) => void;
}

/** Writes what one environment prints, and Lambda's own lines about its invocations, to a log stream. */
export class FunctionLog {
  readonly #options: FunctionLogOptions;

  constructor(options: FunctionLogOptions) {
    this.#options = options;
  }

  /** In JSON the runtime wraps what is not JSON already; libraries for logging write their own. */
  line(text: string, requestId: string | undefined): void {
    if (this.#options.format === "Text" || isJsonObject(text)) this.#write(text);
    else this.#record({ level: "INFO", requestId, message: text });
  }

  started(requestId: string): void {
    if (this.#options.format === "Text") this.#write(`START RequestId: ${requestId} Version: $LATEST\n`);
    else this.#platform("platform.start", { requestId, version: "$LATEST" });
  }

  ended({ requestId, durationMs, memoryMegabytes, failure }: InvocationReport): void {
    if (failure !== undefined) this.#failed(requestId, failure);
    const billed = Math.ceil(durationMs);
    if (this.#options.format === "JSON") {
      const status = failure === undefined ? "success" : failure.includes("Sandbox.Timedout") ? "timeout" : "error";
      const metrics = { durationMs: rounded(durationMs), billedDurationMs: billed, memorySizeMB: memoryMegabytes };
      this.#platform("platform.report", { requestId, metrics, status });
      return;
    }
    this.#write(`END RequestId: ${requestId}\n`);
    const report = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${rounded(durationMs)} ms`,
      `Billed Duration: ${billed} ms`,
      `Memory Size: ${memoryMegabytes} MB`,
    ];
    this.#write(`${report.join("\t")}\t\n`);
  }

  #failed(requestId: string, failure: string): void {
    const { errorType, errorMessage, trace } = failureOf(failure);
    if (this.#options.format === "JSON") {
      const message = { errorType, errorMessage, stackTrace: trace };
      this.#record({ level: "ERROR", requestId, message });
      return;
    }
    const time = new Date(this.#options.now()).toISOString();
    this.#write(`${time}\t${requestId}\tERROR\tInvoke Error\t${failure}`);
  }

  #record(record: Record<string, unknown>): void {
    this.#write(JSON.stringify({ timestamp: new Date(this.#options.now()).toISOString(), ...record }));
  }

  #platform(type: string, record: Record<string, unknown>): void {
    this.#write(JSON.stringify({ time: new Date(this.#options.now()).toISOString(), type, record }));
  }

  #write(message: string): void {
    this.#options.write(message, this.#options.now());
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

function isJsonObject(text: string): boolean {
  if (!text.startsWith("{")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function failureOf(failure: string): { errorType?: unknown; errorMessage?: unknown; trace?: unknown } {
  const parsed: unknown = JSON.parse(failure);
  return typeof parsed === "object" && parsed !== null ? parsed : {};
}

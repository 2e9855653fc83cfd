/** What travels between the local cloud and a worker thread that runs one function. */
/** What a thread is started with. */
export interface WorkerData extends WorkerSettings {
  /** Two 32-bit numbers: how many key pairs the thread is making, and whether it may begin no more. */
  readonly makingKeys: SharedArrayBuffer;
}

export interface WorkerSettings {
  readonly directory: string;
  readonly handler: string;
  readonly compileCache: string | undefined;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
  readonly logGroup: string;
  readonly logStream: string;
  /** Where a debugger can attach; the first invocation waits for it. */
  readonly inspectPort?: number | undefined;
}

export interface InvocationMessage {
  readonly requestId: string;
  readonly payload: string;
  /** Epoch milliseconds at which the function times out. */
  readonly deadline: number;
}

/** Lambda's shape of a failed invocation. */
export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "init-failed"; readonly failure: FunctionFailure }
  | { readonly kind: "answered"; readonly requestId: string; readonly payload: string }
  | { readonly kind: "failed"; readonly requestId: string; readonly failure: FunctionFailure };

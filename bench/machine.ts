import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { findPrograms } from "../local/hosts/requirements.ts";

/** What a reader must know of the machine to compare; nothing by which it could be found. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly etcd: string;
  /** Load average of the last five minutes; above the number of cores plus what the bench itself needs, others were at work. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const version = execFileSync(findPrograms().etcd, ["--version"], { encoding: "utf8" });
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release().split("-")[0] ?? "unknown",
    node: process.versions.node,
    etcd: /etcd Version: (\S+)/.exec(version)?.[1] ?? "unknown",
    load: Math.round((loadavg()[1] ?? 0) * 10) / 10,
  };
}

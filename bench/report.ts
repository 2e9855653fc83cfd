import Table from "cli-table3";
import type { CallCount } from "./calls.ts";
import type { Machine } from "./machine.ts";
import type { Summary } from "./statistics.ts";

export interface Result {
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly bare: Readonly<Record<string, Summary>>;
  /** The first cluster of a local cloud that has just started: every function starts cold. */
  readonly createCold: Readonly<Record<string, Summary>>;
  readonly createWarm: Readonly<Record<string, Summary>>;
  readonly repair: Readonly<Record<string, Summary>>;
  /** Holdfast's median over that of bare etcd. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly calls: { readonly create: CallCount; readonly repair: CallCount };
}

const ROWS = {
  bare: {
    title: "etcd alone",
    names: {
      quorum: "nothing → three members serve",
      restart: "host gone → member serves again",
      etcd: "etcd started → member serves again",
    },
  },
  createCold: {
    title: "create, cold",
    names: { quorumVerified: "→ quorum verified", apiVerified: "→ API verified", active: "→ ACTIVE" },
  },
  createWarm: {
    title: "create, warm",
    names: { quorumVerified: "→ quorum verified", apiVerified: "→ API verified", active: "→ ACTIVE" },
  },
  repair: {
    title: "repair",
    names: {
      launch: "terminate → next instance of a plain group runs its user data",
      detected: "terminate → operation begun",
      terminated: "→ old host shut down",
      running: "→ new instance running",
      attached: "→ volume attached",
      memberHealthy: "→ member healthy",
      quorumVerified: "→ quorum verified",
      whole: "→ 3/3, ACTIVE",
    },
  },
} as const;

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

/** The result as people read it. */
export function render(result: Result): string {
  const table = new Table({ head: ["", "from → to", "median s", "range s", "n"], style: { head: [], border: [] } });
  for (const part of ["bare", "createCold", "createWarm", "repair"] as const) {
    const { title, names } = ROWS[part];
    Object.entries(names).forEach(([name, label], index) => {
      const summary = result[part][name];
      if (!summary) return;
      const range = `${seconds(summary.minMs)} – ${seconds(summary.maxMs)}`;
      table.push([index === 0 ? title : "", label, seconds(summary.medianMs), range, String(summary.runs)]);
    });
  }
  const ratios = Object.entries(result.ratios).map(([name, ratio]) => `  ${name}: ${ratio.toFixed(2)}`);
  const { machine, calls } = result;
  return [
    `${machine.cores} × ${machine.processor}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}, etcd ${machine.etcd}, load ${machine.load}`,
    table.toString(),
    "Holdfast's median over that of etcd alone:",
    ...ratios,
    "AWS calls of the functions, median run:",
    ...Object.entries(calls).map(([name, count]) => `  ${name}: ${describeCalls(count)}`),
  ].join("\n");
}

function describeCalls({ rateLimited, byKind, byService }: CallCount): string {
  const services = Object.entries(byService)
    .toSorted(([, one], [, other]) => other - one)
    .map(([service, count]) => `${service} ${count}`);
  const kinds = `${byKind.mutating} mutating, ${byKind.describing} describing, ${byKind.data} data`;
  return `${rateLimited} to EC2, Auto Scaling, ELB, IAM, SSM and Route 53; in all ${kinds} (${services.join(", ")})`;
}

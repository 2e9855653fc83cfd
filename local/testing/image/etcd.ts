import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "./ports.ts";

export interface Etcd {
  readonly endpoint: string;
  readonly peer: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** How another member joins one that runs: the arguments of `member add`. */
export interface Joining {
  readonly name: string;
  readonly peer: string;
  readonly initialCluster: string;
}

/** The real etcd with TLS and client certificates, its data in `directory`. Elects itself within 100 ms. */
export async function startEtcd(directory: string, pki: string, joining?: Joining): Promise<Etcd> {
  const endpoint = `https://127.0.0.1:${await freePort()}`;
  const peer = joining?.peer ?? `https://127.0.0.1:${await freePort()}`;
  const flags = {
    name: joining?.name ?? "a",
    "data-dir": join(directory, "etcd"),
    "listen-client-urls": endpoint,
    "advertise-client-urls": endpoint,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": joining?.initialCluster ?? `a=${peer}`,
    "initial-cluster-state": joining ? "existing" : "new",
    "trusted-ca-file": join(pki, "etcd/ca.crt"),
    "cert-file": join(pki, "etcd/server.crt"),
    "key-file": join(pki, "etcd/server.key"),
    "client-cert-auth": "true",
    "peer-trusted-ca-file": join(pki, "etcd/ca.crt"),
    "peer-cert-file": join(pki, "etcd/peer.crt"),
    "peer-key-file": join(pki, "etcd/peer.key"),
    "heartbeat-interval": "10",
    "election-timeout": "100",
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const child = spawn("etcd", args, { stdio: "ignore" });
  return {
    endpoint,
    peer,
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

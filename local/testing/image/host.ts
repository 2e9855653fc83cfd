import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ProgramResult, Programs } from "./programs.ts";

/** A directory that stands for a host's root, and the programs that run on it. */
export class Host {
  readonly root: string;
  readonly #programs: Programs;

  constructor(directory: string, programs: Programs) {
    this.root = mkdtempSync(join(directory, "host-"));
    this.#programs = programs;
  }

  run(...command: string[]): Promise<ProgramResult> {
    return this.#programs.run(this.root, command);
  }

  /** With an environment of the caller's own. */
  runWith(environment: Record<string, string>, command: readonly string[]): Promise<ProgramResult> {
    return this.#programs.run(this.root, command, environment);
  }

  /** Writes documents of a kubeadm configuration and runs `kubeadm init` or `join` with them. */
  async kubeadm(command: "init" | "join", documents: readonly unknown[], ...args: string[]): Promise<ProgramResult> {
    const file = join(this.root, "etc/kubernetes/kubeadm.yaml");
    mkdirSync(join(this.root, "etc/kubernetes"), { recursive: true });
    writeFileSync(file, documents.map((document) => stringify(document)).join("---\n"));
    return this.run("kubeadm", command, "--config", file, "--rootfs", this.root, ...args);
  }

  kubectl(...args: string[]): Promise<ProgramResult> {
    return this.run("kubectl", "--kubeconfig", join(this.root, "etc/kubernetes/admin.conf"), ...args);
  }

  /** Ends the kubelet and with it its static pods. */
  stopKubelet(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): void {
    const file = join(this.root, "kubelet.pid");
    if (!existsSync(file)) return;
    try {
      process.kill(Number(readFileSync(file, "utf8")), signal);
    } catch {
      // It has ended already.
    }
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), "utf8");
  }
}

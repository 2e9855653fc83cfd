import { randomUUID } from "node:crypto";
import type { LoadedTemplate } from "../template/load-template.ts";
import type { Stack } from "../template/provision-stack.ts";

/** A stack as CloudFormation would know it. */
export interface DeployedStack {
  readonly name: string;
  readonly id: string;
  /** Epoch milliseconds; all its resources have the same. */
  readonly createdAt: number;
  readonly loaded: LoadedTemplate;
  readonly running: Stack;
  /** Where they differ from the template's defaults. */
  readonly parameters: Readonly<Record<string, string>>;
  terminationProtected: boolean;
  /** Of its events: clients distinguish them by these. */
  readonly eventIds: ReadonlyMap<string, string>;
}

/** The stacks of one local cloud: those that it was started with. */
export class Stacks {
  readonly #stacks = new Map<string, DeployedStack>();

  put(stack: Omit<DeployedStack, "terminationProtected" | "eventIds">): void {
    const eventIds = new Map([...stack.running.resources.keys()].map((id) => [id, randomUUID()]));
    this.#stacks.set(stack.name, { ...stack, terminationProtected: false, eventIds });
  }

  /** By name or id. */
  find(nameOrId: string): DeployedStack | undefined {
    return this.list().find(({ name, id }) => name === nameOrId || id === nameOrId);
  }

  list(): readonly DeployedStack[] {
    return [...this.#stacks.values()];
  }
}

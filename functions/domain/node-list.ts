import type { NodeView } from "./views.ts";

/** `aws:///ZONE/INSTANCE`: how Kubernetes' cloud provider names an instance. */
const PROVIDER_ID = /^aws:\/\/\/([^/]+)\/(i-[0-9a-f]+)$/;

/** What the `list-nodes` document prints: name, provider id and Ready, one node a line. Other lines are left out. */
export const readNodeList = (output: string): NodeView[] =>
  output
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([name, provider, ready]) => {
      const [, zone, instanceId] = PROVIDER_ID.exec(provider ?? "") ?? [];
      if (name === undefined || zone === undefined || instanceId === undefined) return [];
      return [{ name, zone, instanceId, ready: ready === "True" }];
    });

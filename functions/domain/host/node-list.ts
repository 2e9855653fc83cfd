import type { NodeView } from "../api/views.ts";
import { NotReadyYet } from "../cluster/errors.ts";

/**
 * Systems Manager answers with the first 24,000 characters of what a command printed, the last of them a mark of its
 * own.
 */
const MAX_OUTPUT = 23_900;

/**
 * What the `list-nodes` document prints: a line for each zone and state, `us-west-2a True i-0123… i-0456…`. Other lines
 * are left out. Throws NotReadyYet for a list that may have been cut off: a part of it must not pass for all.
 */
export function readNodeList(output: string): NodeView[] {
  if (output.length >= MAX_OUTPUT) {
    const gone = "Node objects of instances that are gone take room until they are deleted";
    throw new NotReadyYet(`the list of nodes is longer than the ${MAX_OUTPUT} characters that can be read. ${gone}`);
  }
  return output
    .split("\n")
    .flatMap((line) => {
      const [zone = "", ready, ...entries] = line.trim().split(/\s+/);
      return entries.flatMap((entry) => {
        const [, name, instanceId = ""] = /^(?:(.+)=)?(i-[0-9a-f]+)$/.exec(entry) ?? [];
        return instanceId === "" ? [] : [{ name: name ?? instanceId, zone, instanceId, ready: ready === "True" }];
      });
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

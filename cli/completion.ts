import tab from "@bomb.sh/tab/commander";
import { ApiClient } from "../client/api-client.ts";
import { CommandFailed } from "../client/api-errors.ts";
import type { ApiTarget } from "../client/api-target.ts";
import { EXIT, type ExitCode } from "../client/exit-codes.ts";
import { buildProgram } from "../client/grammar/program.ts";
import { ClusterViewSchema } from "../functions/domain/api/views.ts";

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** Commands whose argument is a cluster's name. */
const NAMING_CLUSTERS = [
  "update cluster",
  "scale nodes",
  "get clusters",
  "get operations",
  "get events",
  "validate cluster",
  "delete cluster",
  "export kubeconfig",
];

/** Nobody waits longer for a suggestion. */
const NAMES_WITHIN_MS = 1_000;

/** `completion SHELL`: prints the script that a shell sources. */
export function completionScript(args: readonly string[]): ExitCode {
  const [shell, ...rest] = args;
  if (rest.length > 0 || !SHELLS.some((known) => known === shell)) {
    throw new CommandFailed(`which shell? holdfast completion ${SHELLS.join("|")}`, EXIT.badUsage);
  }
  completable([]).parse(["complete", ...args], { from: "user" });
  return EXIT.done;
}

/** `complete -- WORDS`, as those scripts call it: prints what the last word may become. */
export async function suggest(argv: readonly string[], target: ApiTarget): Promise<ExitCode> {
  const names = NAMING_CLUSTERS.some((command) => argv.slice(1).join(" ").includes(command))
    ? await clusterNames(target)
    : [];
  completable(names).parse([...argv], { from: "user" });
  return EXIT.done;
}

function completable(clusters: readonly string[]) {
  const program = buildProgram({ command: () => {}, write: () => {} });
  const root = tab(program);
  for (const command of NAMING_CLUSTERS) {
    root.commands.get(command)?.argument("NAME", (complete) => {
      for (const name of clusters) complete(name, "cluster");
    });
  }
  return program;
}

/** Those of the API in force; none if it does not answer in time. */
async function clusterNames(target: ApiTarget): Promise<string[]> {
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, NAMES_WITHIN_MS, []).unref());
  const asked = new ApiClient(target).list("/clusters", ClusterViewSchema).then(
    (clusters) => clusters.map(({ name }) => name),
    () => [],
  );
  return Promise.race([asked, late]);
}

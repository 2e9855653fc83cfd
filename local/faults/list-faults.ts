import { FaultRequestSchema } from "./request.ts";

/** What the word after the action stands for. */
const TARGETS: Readonly<Record<string, string>> = {
  api: "SERVICE:OPERATION, such as ec2:CreateVolume",
  capacity: "a zone, or CLUSTER/MEMBER for the member's zone",
  events: "a detail type of EventBridge",
  host: "CLUSTER/MEMBER, or the id of an instance",
  lambda: "a part of a function's name",
  volume: "CLUSTER/MEMBER, or the id of a volume",
  zone: "a zone, or CLUSTER/MEMBER for the member's zone",
};

/** Kinds of faults with their actions, as requests take them. */
export const FAULTS: ReadonlyMap<string, readonly string[]> = new Map(
  FaultRequestSchema.options.map(({ shape }) => {
    const action = "unwrap" in shape.action ? shape.action.unwrap() : shape.action;
    return [shape.kind.value, "options" in action ? action.options : [...action.values]];
  }),
);

/** What `holdfast local fault` shows: all faults, or those of one kind. */
export function faultsText(kind: string | undefined): string {
  const shown = [...FAULTS].filter(([each]) => kind === undefined || each === kind);
  if (shown.length === 0) return `There is no fault of the kind ${kind}. Kinds: ${[...FAULTS.keys()].join(", ")}.\n`;
  const lines = shown.flatMap(([each, actions]) => [
    `${each} ACTION [TARGET]`,
    `  actions  ${actions.join(", ")}`,
    `  target   ${TARGETS[each] ?? ""}`,
  ]);
  return [
    "holdfast local fault KIND ACTION [TARGET] [--json '{…}']   (local/FAULTS.md says what each does)",
    "",
    ...lines,
    "",
    "For example: holdfast local fault host terminate prod.example.com/a",
    "Faults in force: holdfast local fault list. End them: holdfast local fault clear.",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const [kind] = process.argv.slice(2);
  process.stdout.write(faultsText(kind));
  if (kind !== undefined && !FAULTS.has(kind)) process.exitCode = 2;
}

import type { IsolationReport } from "./report.ts";

/** The report for people. */
export function linesOf({ roles, findings, known }: IsolationReport): string[] {
  return [
    ...table(
      ["role", "actions", "decisions"],
      roles.map(({ role, actions, decisions }) => [role.name, actions, decisions]),
    ),
    "",
    "Known exceptions:",
    ...[...known].map(([reason, permitted]) => {
      const actions = new Set(permitted.map(({ action }) => action));
      return `  ${reason} (${actions.size} actions)`;
    }),
    "",
    `${findings.length} findings`,
    ...table(
      ["role", "action", "cluster", "resource", "request sets"],
      findings.map(({ role, action, resource, setting }) => [
        role.name,
        action,
        resource.owner?.uid ?? "none",
        resource.name,
        setting,
      ]),
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  if (rows.length === 0) return [];
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

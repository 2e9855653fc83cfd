import type { ComponentChildren } from "preact";
import { plain } from "../models/words.ts";

export interface TableRow {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
}

/** On a narrow screen each row is a card, and each cell has its head beside it. */
export function DataTable({
  label,
  heads,
  rows,
}: {
  readonly label: string;
  readonly heads: readonly string[];
  readonly rows: readonly TableRow[];
}) {
  return (
    <table class="data">
      <caption class="hidden">{label}</caption>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, column) => (
              <td key={heads[column]} data-head={heads[column]}>
                {typeof cell === "string" ? plain(cell) : cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import { expect, test } from "vitest";
import { type Column, table, WIDE } from "./tables.ts";

type Row = readonly [id: string, zone: string, message: string];
const COLUMNS: readonly Column<Row>[] = [
  { head: "ID", of: ([id]) => id },
  { head: "ZONE", of: ([, zone]) => zone, rank: 1 },
  { head: "MESSAGE", of: ([, , message]) => message, text: true },
];
const ROWS: readonly Row[] = [["i-0e290134a4986fdfa", "us-west-2a", "Master b was lost: i-03e460fdb4bc63eb4 is gone."]];

test("a column goes before a value is cut, and a text is wrapped at its spaces", () => {
  expect(table(COLUMNS, ROWS, 64)).toBe(
    "ID                   MESSAGE\n" +
      "i-0e290134a4986fdfa  Master b was lost: i-03e460fdb4bc63eb4 is\n" +
      "                     gone.\n",
  );
});

test("with enough room, or without a bound, everything is on one line", () => {
  const wide =
    "ID                   ZONE        MESSAGE\n" +
    "i-0e290134a4986fdfa  us-west-2a  Master b was lost: i-03e460fdb4bc63eb4 is gone.\n";

  expect([table(COLUMNS, ROWS, 90), table(COLUMNS, ROWS, WIDE)]).toEqual([wide, wide]);
});

test("a value that is wider than the terminal stays whole", () => {
  expect(table(COLUMNS.slice(0, 1), ROWS, 10)).toBe("ID\ni-0e290134a4986fdfa\n");
});

test("columns that do not fit beside the others stand below them, and every value stays whole", () => {
  const columns: readonly Column<Row>[] = [
    { head: "CLUSTER", of: () => "prod.example.com" },
    ...COLUMNS.slice(0, 1),
    { head: "ZONE", of: ([, zone]) => zone },
    ...COLUMNS.slice(2),
  ];

  expect(table(columns, ROWS, 44)).toBe(
    "CLUSTER           ID\n" +
      "  ZONE\n" +
      "  MESSAGE\n" +
      "prod.example.com  i-0e290134a4986fdfa\n" +
      "  us-west-2a\n" +
      "  Master b was lost: i-03e460fdb4bc63eb4 is\n" +
      "  gone.\n",
  );
  expect(table(columns.slice(0, 3), ROWS, 36)).toBe(
    "CLUSTER\n" + "  ID                   ZONE\n" + "prod.example.com\n" + "  i-0e290134a4986fdfa  us-west-2a\n",
  );
});

test("the lowest rank is the last to go, and columns keep their order", () => {
  const columns: readonly Column<Row>[] = [
    { head: "ZONE", of: ([, zone]) => zone, rank: 2 },
    { head: "MARK", of: () => "x", rank: 1 },
    { head: "ID", of: ([id]) => id },
  ];

  expect(table(columns, ROWS, 27)).toBe("MARK  ID\nx     i-0e290134a4986fdfa\n");
});

test("text from elsewhere cannot steer the terminal", () => {
  expect(table([{ head: "ID", of: () => "a\u001b[2Jb\n" }], ROWS, 80)).toBe("ID\na [2Jb\n");
});

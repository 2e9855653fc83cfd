import { expect, test } from "vitest";
import { collectMessages } from "./support/messages.ts";

const messages = collectMessages();
const MAX_WORDS = 25;

test("docs/messages.md lists every text that the command line, chats and the API can print: npx vitest run -u makes it", async () => {
  const byFile = Map.groupBy(messages, ({ file }) => file);
  const sections = [...byFile].map(([file, texts]) => {
    const lines = texts.map(({ text }) => `    ${text.replaceAll("\n", "⏎")}\n`.replace(/ +\n$/, "\n"));
    return `## ${file}\n\n${lines.join("")}`;
  });
  const head =
    "# Messages\n\nMade from the sources by `test/messages.test.ts`, which also says what it holds them to. A value stands in braces.\n\n";

  await expect(`${head}${sections.join("\n")}`).toMatchFileSnapshot("../docs/messages.md");
});

test("no sentence has more than 25 words", () => {
  const long = messages.filter(({ text }) =>
    text.split(/[.!?](?=\s|$)|\n/).some((sentence) => sentence.trim().split(/\s+/).length > MAX_WORDS),
  );

  expect(long).toEqual([]);
});

/** Numbers that are never one where they stand: of several zones, or of three masters and more. */
const NEVER_ONE = new Set(["size", "held", "total", "masters", "zones.length", "spec.zones.length"]);

test("what can be one is counted by `counted`, so that nobody reads of 1 masters", () => {
  const nouns = "masters|members|nodes|clusters|resources|volumes|instances|zones|operations|hours|minutes|times";
  const plural = new RegExp(`\\{([^}]*)\\} (?:${nouns})\\b`, "g");
  const found = messages.flatMap(({ text }) =>
    [...text.matchAll(plural)].map(([, place = ""]) => place).filter((place) => !/^[A-Z_]+$|\.max$/.test(place)),
  );

  expect([...new Set(found)].filter((place) => !NEVER_ONE.has(place)).toSorted()).toEqual([]);
});

test("a text of several sentences ends as a sentence, or with a command to type", () => {
  const several = messages.filter(({ text }) => /[a-z]\. [A-Z]/.test(text) && text.length > 40);
  const open = several.filter(({ text }) => !/[.?!:…)}"`\n]\s*$|holdfast [\w -]+$|--\w+$/.test(text));

  expect(open.map(({ text }) => text)).toEqual([]);
});

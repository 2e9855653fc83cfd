export const OUTPUT_FORMATS = ["table", "json", "yaml"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The format that words ask for, even though the rest may not be understood. */
export function outputOf(words: readonly string[]): OutputFormat {
  const end = words.indexOf("--");
  const text = (end < 0 ? words : words.slice(0, end)).join(" ");
  const [, asked] = /(?:^| )(?:-o|--output)[ =]?(\w+)/.exec(text) ?? [];
  return OUTPUT_FORMATS.find((format) => format === asked) ?? "table";
}

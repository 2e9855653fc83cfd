const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&apos;": "'",
  "&nbsp;": " ",
};
/** Slack: `<http://a.example|a.example>`, `<mailto:…|…>`, `<@U123|name>`, `<#C123|channel>`; Markdown: `<http://a.example>`. */
const BRACKETED = /<((?:https?:|mailto:|tel:|[@#!])[^<>|\s]*)(?:\|([^<>]*))?>/gi;
/** `[a.example](http://a.example)` of Markdown. */
const MARKDOWN_LINK = /\[([^[\]]*)\]\([^()\s]*\)/g;
/** `<a href="http://a.example">a.example</a>`. */
const ANCHOR = /<a\s[^>]*>([^<]*)<\/a>/gi;
const LINE_TAGS = /<\/?(?:p|div|br|pre|li)\b[^>]*>/gi;
const STYLE_TAGS = /<\/?(?:span|code|b|i|em|strong)\b[^>]*>/gi;
/** A fence may name a language at its end of line. */
const FENCES = /(?:```|~~~)(?:[a-z]+(?=\s*\n))?/gi;
const WRAPPED = /^(\*{1,3}|_{1,3}|~{1,2}|\|\|)(?=\S)([\s\S]*\S)\1$/;
const QUOTED_LINE = /^[^\S\n]*(?:>|&gt;)+[^\S\n]?/gm;
/** What stands before a command that was copied from a terminal or from docs. */
const PROMPT = /^[$%#]\s+/;
const PROGRAM = /^(?:npx\s+)?[/@]?holdfast\s+/i;

/** A command out of what a chat makes of it: links, code, quotes, bold and the like, and the prompt it was copied with. */
export function plainCommand(text: string): string {
  const unlinked = text
    .replace(ANCHOR, "$1")
    .replace(BRACKETED, (_, target: string, label: string | undefined) => named(target, label))
    .replace(MARKDOWN_LINK, "$1")
    .replace(LINE_TAGS, "\n")
    .replace(STYLE_TAGS, "")
    .replace(QUOTED_LINE, "");
  const decoded = unlinked.replace(/&(?:lt|gt|amp|quot|apos|nbsp);/g, (entity) => ENTITIES[entity] ?? entity);
  const bare = decoded
    .replace(/&#(?:39|x27);/gi, "'")
    .replace(FENCES, " ")
    .replaceAll("`", "")
    .trim();
  return unwrapped(bare).replace(PROMPT, "").replace(PROGRAM, "");
}

/** What the person typed: a link's label, and the name of whom a mention means. */
function named(target: string, label: string | undefined): string {
  const mark = /^[@#]/.exec(target)?.[0] ?? "";
  return label === undefined || label === "" ? target : `${mark}${label}`;
}

function unwrapped(text: string): string {
  const [, , inner] = WRAPPED.exec(text) ?? [];
  return inner === undefined ? text : unwrapped(inner.trim());
}

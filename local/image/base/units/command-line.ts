/** One Exec line: its words, and whether a leading `-` says that failure does not matter. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly ignoreFailure: boolean;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", s: " ", r: "\r" };

/**
 * Splits an Exec line by systemd's rules (systemd.service(5), "Command lines"): white space separates, single and double
 * quotes group, backslash escapes. Prefixes `@ : + !` are accepted and mean nothing here, as everything runs as root.
 */
export function parseCommandLine(line: string): CommandLine {
  const prefix = /^[-@:+!]*/.exec(line)?.[0] ?? "";
  return { words: splitWords(line.slice(prefix.length)), ignoreFailure: prefix.includes("-") };
}

/** The words of a line with quotes removed. An unclosed quote extends to the end. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === "\\") {
      at += 1;
      const escaped = line.charAt(at);
      word = (word ?? "") + (escapes[escaped] ?? escaped);
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Puts specifiers (`%n %p %i %H %%`) in place. */
export function expandSpecifiers(value: string, unit: string, hostname: string): string {
  const [stem = unit] = unit.split(/\.(?=[^.]+$)/);
  const [prefix = stem, instance = ""] = stem.split("@");
  const specifiers: Record<string, string> = {
    n: unit,
    N: stem,
    p: prefix,
    i: instance,
    I: instance,
    H: hostname,
    "%": "%",
  };
  return value.replaceAll(/%(.)/g, (whole, letter: string) => specifiers[letter] ?? whole);
}

/**
 * Puts environment variables in place: `${NAME}` inside a word stays one word, a word that is `$NAME` alone splits at white
 * space, `$$` is a dollar sign. Unset variables are empty.
 */
export function expandVariables(words: readonly string[], variables: Readonly<Record<string, string>>): string[] {
  return words.flatMap((word) => {
    const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (alone !== undefined) return (variables[alone] ?? "").split(/\s+/).filter((part) => part !== "");
    return [
      word.replaceAll(/\$\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)/g, (whole, braced?: string, bare?: string) =>
        whole === "$$" ? "$" : (variables[braced ?? bare ?? ""] ?? ""),
      ),
    ];
  });
}

/** A time span of systemd (`5`, `500ms`, `1min 30s`, `infinity`) in milliseconds; undefined if it is not one. */
export function parseTimeSpan(text: string): number | undefined {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  const factors: Record<string, number> = { ms: 1, "": 1000, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000 };
  let total = 0;
  for (const part of text.trim().matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)\s*|(.)/g)) {
    const factor = factors[part[2] ?? "?"];
    if (part[1] === undefined || factor === undefined) return undefined;
    total += Number(part[1]) * factor;
  }
  return total;
}

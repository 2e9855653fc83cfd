import { useSignal } from "@preact/signals";
import { Notice } from "./basics.tsx";

export type YamlDocument = Readonly<Record<string, unknown>>;

interface YamlFieldProps {
  readonly id: string;
  readonly label: string;
  readonly rows: number;
  /** What the text begins with: a document, or words that are typed over. */
  readonly initial: YamlDocument | string;
  readonly onChange: (document: YamlDocument) => void;
}

/** A document as text. What does not parse is shown, and changes nothing. */
export function YamlField({ id, label, rows, initial, onChange }: YamlFieldProps) {
  const text = useSignal<string | null>(typeof initial === "string" ? initial : null);
  const wrong = useSignal<string | null>(null);
  if (text.value === null && typeof initial !== "string")
    // The parser is as large as all the rest, so it is loaded by whoever writes YAML.
    void import("../data/spec-text.ts").then(({ textOf }) => {
      text.value = textOf(initial);
    });
  const set = async (written: string) => {
    text.value = written;
    const { parse } = await import("../data/spec-text.ts");
    const read = parse(written);
    wrong.value = typeof read === "string" ? read : null;
    if (typeof read !== "string") onChange(read);
  };
  return (
    <>
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        spellcheck={false}
        value={text.value ?? ""}
        onChange={(event) => void set(event.currentTarget.value)}
      />
      {wrong.value === null ? null : (
        <Notice tone="bad" title="This is no YAML document">
          {wrong.value}
        </Notice>
      )}
    </>
  );
}

import { useSignal } from "@preact/signals";
import { type SpecField, valueText, withField } from "../models/change.ts";
import { MAIN_FIELDS, specFields } from "../models/spec-fields.ts";
import { labelOf } from "../models/words.ts";
import { Notice } from "./basics.tsx";

export type SpecDocument = Readonly<Record<string, unknown>>;

interface SpecEditorProps {
  readonly spec: SpecDocument;
  readonly onChange: (spec: SpecDocument) => void;
  /** Fields that cannot be another any more. */
  readonly fixed: readonly string[];
}

/** A form and a text, of the same spec. */
export function SpecEditor({ spec, onChange, fixed }: SpecEditorProps) {
  const isText = useSignal(false);
  return (
    <>
      <fieldset class="switch" aria-label="Edit as">
        <button type="button" aria-pressed={!isText.value} onClick={() => (isText.value = false)}>
          Form
        </button>
        <button type="button" aria-pressed={isText.value} onClick={() => (isText.value = true)}>
          YAML
        </button>
      </fieldset>
      {isText.value ? (
        <SpecText spec={spec} onChange={onChange} />
      ) : (
        <SpecForm spec={spec} onChange={onChange} fixed={fixed} />
      )}
    </>
  );
}

function SpecForm({ spec, onChange, fixed }: SpecEditorProps) {
  const showsAll = useSignal(false);
  const main = MAIN_FIELDS.flatMap((name) => specFields.find((field) => field.name === name) ?? []);
  const more = specFields.filter(({ name, kind }) => !MAIN_FIELDS.includes(name) && kind !== "other");
  const shown = [...main, ...(showsAll.value ? more : [])].filter(({ name }) => !fixed.includes(name));
  return (
    <>
      {shown.map((field) => (
        <Field key={field.name} field={field} spec={spec} onChange={onChange} />
      ))}
      <button type="button" aria-expanded={showsAll.value} onClick={() => (showsAll.value = !showsAll.value)}>
        {showsAll.value ? "Fewer fields" : `${more.length} more fields`}
      </button>
    </>
  );
}

interface FieldProps {
  readonly field: SpecField;
  readonly spec: SpecDocument;
  readonly onChange: (spec: SpecDocument) => void;
}

function Field({ field, spec, onChange }: FieldProps) {
  const { name, description, kind, choices, required } = field;
  const id = `field-${name}`;
  const set = (event: { readonly currentTarget: { readonly value: string } }) =>
    onChange(withField(spec, field, event.currentTarget.value));
  const described = { id, "aria-describedby": `${id}-help`, required };
  return (
    <div class="field">
      <label for={id}>
        {labelOf(name)}
        {required ? " (needed)" : ""}
      </label>
      {kind === "choice" ? (
        <select {...described} value={valueText(spec[name])} onChange={set}>
          <option value="">not set</option>
          {choices?.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...described}
          type="text"
          inputMode={kind === "number" ? "numeric" : "text"}
          autocomplete="off"
          spellcheck={false}
          value={valueText(spec[name])}
          onChange={set}
        />
      )}
      <p class="help" id={`${id}-help`}>
        <Code text={description} />
        {kind === "list" ? " Several are separated by commas." : ""}
      </p>
    </div>
  );
}

/** What stands between backticks is typed as it is. */
function Code({ text }: { readonly text: string }) {
  return <>{text.split("`").map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}

function SpecText({ spec, onChange }: Pick<SpecEditorProps, "spec" | "onChange">) {
  const wrong = useSignal<string | null>(null);
  const text = useSignal<string | null>(null);
  if (text.value === null)
    // The parser is as large as all the rest, so it is loaded by whoever writes YAML.
    void import("../data/spec-text.ts").then(({ textOf }) => {
      text.value = textOf(spec);
    });
  const set = async (written: string) => {
    text.value = written;
    const { parse } = await import("../data/spec-text.ts");
    const read = parse(written);
    wrong.value = typeof read === "string" ? read : null;
    if (typeof read !== "string") onChange(read);
  };
  return (
    <div class="field">
      <label for="spec-text">Spec</label>
      <textarea
        id="spec-text"
        rows={22}
        spellcheck={false}
        value={text.value ?? ""}
        onChange={(event) => void set(event.currentTarget.value)}
      />
      {wrong.value === null ? null : (
        <Notice tone="bad" title="This is no YAML document">
          {wrong.value}
        </Notice>
      )}
    </div>
  );
}

import { useSignal } from "@preact/signals";
import { type SpecField, valueText, withField } from "../models/change.ts";
import { MAIN_FIELDS, specFields } from "../models/spec-fields.ts";
import { labelOf } from "../models/words.ts";
import { Switch } from "./switch.tsx";
import { type YamlDocument, YamlField } from "./yaml-field.tsx";

export type SpecDocument = YamlDocument;

interface SpecEditorProps {
  readonly spec: SpecDocument;
  readonly onChange: (spec: SpecDocument) => void;
  /** Fields that cannot be another any more. */
  readonly fixed: readonly string[];
}

/** A form and a text, of the same spec. */
export function SpecEditor({ spec, onChange, fixed }: SpecEditorProps) {
  const as = useSignal<"form" | "yaml">("form");
  return (
    <>
      <Switch
        label="Edit as"
        choices={{ form: "Form", yaml: "YAML" }}
        value={as.value}
        onChange={(choice) => {
          as.value = choice;
        }}
      />
      {as.value === "yaml" ? (
        <div class="field">
          <YamlField id="spec-text" label="Spec" rows={22} initial={spec} onChange={onChange} />
        </div>
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
        {required ? " (required)" : ""}
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

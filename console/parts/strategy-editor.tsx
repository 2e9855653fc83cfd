import { useSignal } from "@preact/signals";
import { Switch } from "./switch.tsx";
import { TextField } from "./text-field.tsx";
import { type YamlDocument, YamlField } from "./yaml-field.tsx";

/** As a request takes it; undefined: the fleet's own, or one cluster after the other. */
export type StrategyDocument = YamlDocument | undefined;

interface StrategyEditorProps {
  /** What holds if nothing is said here. */
  readonly absent: string;
  readonly former: StrategyDocument;
  readonly onChange: (strategy: StrategyDocument) => void;
}

const EXAMPLE = `stages:
  - {name: canary, selector: "ring=canary", soakMinutes: 60}
  - {name: rest, maxConcurrent: "25%", before: [{gate: approval, by: admin}]}`;

/** In which order, and how carefully: one stage of all, or a text with several. */
export function StrategyEditor({ absent, former, onChange }: StrategyEditorProps) {
  const kind = useSignal<"absent" | "one" | "stages">(former === undefined ? "absent" : "stages");
  const choose = (next: typeof kind.value) => {
    kind.value = next;
    if (next === "absent") onChange(undefined);
  };
  return (
    <div class="field">
      <h2>Strategy</h2>
      <Switch
        label="Strategy"
        choices={{ absent, one: "One stage", stages: "Stages" }}
        value={kind.value}
        onChange={choose}
      />
      {kind.value === "one" ? <OneStage onChange={onChange} /> : null}
      {kind.value === "stages" ? (
        <YamlField id="stages" label="Stages, as YAML" rows={8} initial={former ?? EXAMPLE} onChange={onChange} />
      ) : null}
    </div>
  );
}

type Changes = Pick<StrategyEditorProps, "onChange">;

function OneStage({ onChange }: Changes) {
  const typed = useSignal({ maxConcurrent: "", maxFailures: "", soakMinutes: "" });
  const set = (field: keyof typeof typed.value) => (text: string) => {
    typed.value = { ...typed.value, [field]: text.trim() };
    const given = Object.entries(typed.value).filter(([, value]) => value !== "");
    const stage = Object.fromEntries(given.map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]));
    onChange(given.length === 0 ? undefined : { stages: [{ name: "all", ...stage }] });
  };
  const { maxConcurrent, maxFailures, soakMinutes } = typed.value;
  return (
    <div class="pair">
      <TextField
        id="max-concurrent"
        label="At once"
        value={maxConcurrent}
        help="A number, or a part such as 25%."
        onChange={set("maxConcurrent")}
      />
      <TextField
        id="max-failures"
        label="Failures allowed"
        numeric={true}
        value={maxFailures}
        help="One more stops the roll-out."
        onChange={set("maxFailures")}
      />
      <TextField
        id="soak"
        label="Soak (minutes)"
        numeric={true}
        value={soakMinutes}
        help="Each must stay healthy so long."
        onChange={set("soakMinutes")}
      />
    </div>
  );
}

import type { FleetForm } from "../models/fleet-form.ts";
import { Switch } from "./switch.tsx";
import { TextField } from "./text-field.tsx";

interface FleetFieldsProps {
  readonly form: FleetForm;
  readonly onChange: (form: FleetForm) => void;
}

/** Its clusters, and what each of them must have. */
export function FleetFields({ form, onChange }: FleetFieldsProps) {
  const put = (next: Partial<FleetForm>) => onChange({ ...form, ...next });
  return (
    <>
      <Switch
        label="Clusters"
        choices={{ selector: "By labels", names: "By names" }}
        value={form.by}
        onChange={(by) => put({ by })}
      />
      {form.by === "selector" ? (
        <TextField
          id="selector"
          label="Selector"
          value={form.selector}
          placeholder="env=prod,tier in (1,2)"
          help="Labels, as Kubernetes selects by them. Clusters join and leave by their labels."
          onChange={(selector) => put({ selector })}
        />
      ) : (
        <TextField
          id="names"
          label="Names of clusters"
          value={form.names}
          help="Separated by commas."
          onChange={(names) => put({ names })}
        />
      )}
      <PolicyFields form={form} put={put} />
    </>
  );
}

interface PolicyFieldsProps {
  readonly form: FleetForm;
  readonly put: (next: Partial<FleetForm>) => void;
}

function PolicyFields({ form, put }: PolicyFieldsProps) {
  return (
    <>
      <h2>Policy</h2>
      <p class="hint spaced">What is against it is reported. Nothing else is changed for it than what it enforces.</p>
      <div class="pair">
        <TextField
          id="minimum-version"
          label="Minimum Kubernetes version"
          value={form.minimumVersion}
          placeholder="1.36"
          onChange={(minimumVersion) => put({ minimumVersion })}
        />
        <TextField
          id="backup-minutes"
          label="Backup interval (minutes)"
          numeric={true}
          value={form.backupMinutes}
          placeholder="60"
          onChange={(backupMinutes) => put({ backupMinutes })}
        />
        <TextField
          id="masters"
          label="Minimum masters"
          numeric={true}
          value={form.masters}
          placeholder="3"
          onChange={(masters) => put({ masters })}
        />
        <TextField
          id="master-zones"
          label="Minimum zones of masters"
          numeric={true}
          value={form.zones}
          placeholder="3"
          onChange={(zones) => put({ zones })}
        />
      </div>
      <label class="check">
        <input type="checkbox" checked={form.drill} onChange={(event) => put({ drill: event.currentTarget.checked })} />
        A backup is tried each week
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={form.enforce}
          onChange={(event) => put({ enforce: event.currentTarget.checked })}
        />
        Backup settings are changed where they are against the policy
      </label>
    </>
  );
}

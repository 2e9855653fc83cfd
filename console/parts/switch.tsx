interface SwitchProps<Choice extends string> {
  readonly label: string;
  readonly choices: Readonly<Record<Choice, string>>;
  readonly value: Choice;
  readonly onChange: (choice: Choice) => void;
}

/** One of a few, side by side. */
export function Switch<Choice extends string>({ label, choices, value, onChange }: SwitchProps<Choice>) {
  return (
    <fieldset class="switch" aria-label={label}>
      {keysOf(choices).map((choice) => (
        <button key={choice} type="button" aria-pressed={choice === value} onClick={() => onChange(choice)}>
          {choices[choice]}
        </button>
      ))}
    </fieldset>
  );
}

function keysOf<Key extends string>(record: Readonly<Record<Key, string>>): Key[] {
  const isKey = (key: string): key is Key => Object.hasOwn(record, key);
  return Object.keys(record).filter(isKey);
}

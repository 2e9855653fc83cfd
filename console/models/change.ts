type Document = Readonly<Record<string, unknown>>;

/** One field that would be another. */
export interface FieldChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** A field of the spec, as the API's document describes it. */
export interface SpecField {
  readonly name: string;
  readonly description: string;
  readonly kind: "text" | "number" | "list" | "choice" | "other";
  readonly choices?: readonly string[];
  readonly required: boolean;
}

/** How two specs differ. What one leaves out, the plan has filled in. */
export function changesOf(from: Document, to: Document): FieldChange[] {
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return fields
    .filter((field) => field !== "version" && canonical(from[field]) !== canonical(to[field]))
    .map((field) => ({ field, from: valueText(from[field]), to: valueText(to[field]) }));
}

/** JSON merge patch (RFC 7396) from one spec to another, of whole fields. */
export function patchOf(from: Document, to: Document): Record<string, unknown> {
  return Object.fromEntries(changesOf(from, to).map(({ field }) => [field, to[field] ?? null]));
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
        : inner,
    ) ?? ""
  );
}

/** As it would be typed. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (typeof value !== "object") return String(value);
  if ("requested" in value) return String(value.requested);
  return Object.entries(value)
    .map(([key, text]) => `${key}=${text}`)
    .join(", ");
}

/** What somebody typed into a field of the form; an empty field is left out. */
export function typedValue({ kind }: Pick<SpecField, "kind">, text: string): unknown {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (kind === "number") return Number.isNaN(Number(typed)) ? typed : Number(typed);
  if (kind === "list") return typed.split(/[\s,]+/).filter(Boolean);
  return typed;
}

/** The document with this field set, or without it. */
export function withField(spec: Document, field: SpecField, text: string): Document {
  const value = typedValue(field, text);
  const { [field.name]: _, ...rest } = spec;
  return value === undefined ? rest : { ...spec, [field.name]: value };
}

/** `+$12.40 a month`, or nothing if it stays or is not known. */
export function costChange(from: number | null | undefined, to: number | null | undefined): string | null {
  if (from == null || to == null || from === to) return null;
  const difference = to - from;
  return `${difference > 0 ? "+" : "−"}$${Math.abs(difference).toFixed(2)} a month`;
}

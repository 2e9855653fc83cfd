/** Name and time of a run: who sees the tag in an account knows how old it is. */
export function runName(now: Date, suffix: string): string {
  const digits = now.toISOString().replace(/\D/g, "");
  return `smoke-${digits.slice(0, 8)}-${digits.slice(8, 12)}-${suffix}`;
}

/** When a run of that name began; undefined for text that is no such name. */
export function startOf(run: string): Date | undefined {
  const [, year, month, day, hour, minute] = /^smoke-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)-[0-9a-f]{4}$/.exec(run) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
}

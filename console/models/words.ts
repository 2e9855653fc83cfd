/** `now`, `40 s`, `4 min`, `3 h`, `2 d`: for a glance. */
export function ageText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

export function ageOf(time: string, now: number): string {
  return ageText(now - Date.parse(time));
}

/** "1 master", "3 masters". */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** `30 min`, `24 h`, `7 days`: as it would be said. */
export function minutesText(minutes: number): string {
  if (minutes % 1440 === 0 && minutes > 1440) return counted(minutes / 1440, "day");
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** `1.5 MB`, decimal. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** `masterZoneFallback` becomes `Master zone fallback`. */
export function labelOf(field: string): string {
  const words = field
    .replace(/GiB$/, " (gib)")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return capital(words)
    .replace(/\b(dns|cidr|api)\b/gi, (word) => word.toUpperCase())
    .replace("(gib)", "(GiB)")
    .replace(/ minutes$/, " (minutes)");
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Control characters and those that turn the direction of text have no place in a line; the browser escapes the rest. */
export function plain(text: string): string {
  const escapes = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
  return text
    .replace(escapes, "")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

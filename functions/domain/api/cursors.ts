/** A cursor is where a page ended, made opaque so that nobody builds on what it holds. Only letters, digits, `-` and `_`. */
export function cursorOf(position: string): string {
  return Buffer.from(position).toString("base64url");
}

/** The position that a cursor stands for. Any text may come out of one that somebody made up. */
export function positionOf(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

/** The rows of a long list that are to be drawn. */
export interface Window {
  readonly first: number;
  readonly last: number;
  /** Empty room above and below, in pixels. */
  readonly above: number;
  readonly below: number;
}

const SPARE = 8;

export function windowOf(count: number, rowHeight: number, scrolled: number, height: number): Window {
  const first = Math.max(0, Math.min(count - 1, Math.floor(scrolled / rowHeight)) - SPARE);
  const last = Math.min(count, Math.ceil((scrolled + height) / rowHeight) + SPARE);
  const until = Math.max(first, last);
  return { first, last: until, above: first * rowHeight, below: (count - until) * rowHeight };
}

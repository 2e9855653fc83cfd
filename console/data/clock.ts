import { signal } from "@preact/signals";

/** Ages on the page grow once a second, while somebody looks. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1_000);

import { computed, signal } from "@preact/signals";

const BASE = "/console";

/** Where the page is, below `/console`. */
const path = signal(location.pathname);

export const segments = computed(() =>
  path.value
    .slice(BASE.length)
    .split("/")
    .filter(Boolean)
    .map((part) => decodeURIComponent(part)),
);

addEventListener("popstate", () => {
  path.value = location.pathname;
});

export function hrefOf(...parts: readonly string[]): string {
  return `${BASE}/${parts.map(encodeURIComponent).join("/")}`;
}

export function go(href: string): void {
  history.pushState(null, "", href);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Links within the console change the page without loading it again. */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const href = link?.getAttribute("href");
    if (!href?.startsWith(`${BASE}/`) || link?.target) return;
    event.preventDefault();
    go(href);
    document.getElementById("main")?.focus({ preventScroll: true });
  });
}

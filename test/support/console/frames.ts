import type { Page } from "playwright-core";

/** What runs in the page is text: its types are not those of Node. */
const SCROLL = `(async () => {
  let most = 0;
  let last = performance.now();
  for (let step = 0; step < 40; step += 1) {
    scrollTo(0, step * 700);
    await new Promise(requestAnimationFrame);
    most = Math.max(most, performance.now() - last);
    last = performance.now();
  }
  return most;
})()`;

/** The longest frame while somebody scrolls, in milliseconds. */
export function longestFrame(page: Page): Promise<unknown> {
  return page.evaluate(SCROLL);
}

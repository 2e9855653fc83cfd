import { spawnSync } from "node:child_process";
import { aptInstall, hasApt } from "./ensure-host-tools.ts";

/** Names under which distributions have it. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

/** Of the browser that the tests of the console drive; undefined where there is none. */
export function findBrowser(): string | undefined {
  return PROGRAMS.find((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0);
}

if (import.meta.main && findBrowser() === undefined) {
  if (hasApt()) aptInstall(["chromium", "fonts-dejavu-core"], (line) => console.error(line));
  if (findBrowser() === undefined) {
    console.error("The tests of the console drive Chromium, which is not here: install the package chromium.");
    process.exitCode = 1;
  }
}

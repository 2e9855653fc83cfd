#!/usr/bin/env node
// The sources are TypeScript, which Node runs from version 24 on. An older Node hands over to the one that npm installed.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) >= NODE_NEEDED) {
  const { run } = await import("./main.ts");
  await run();
} else {
  handOver(findNode());
}

function findNode() {
  const require = createRequire(import.meta.url);
  try {
    return join(dirname(require.resolve(`node-${process.platform}-${process.arch}/package.json`)), "bin", "node");
  } catch {
    console.error(
      `holdfast needs Node ${NODE_NEEDED} or later (this is ${process.versions.node}); npm ci installs one on Linux`,
    );
    process.exit(1);
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
  });
}

#!/usr/bin/env node
"use strict";
// Starts main.cjs. Node keeps its compiled code for the next time, which halves the start.
const NODE_NEEDED = 22;
if (Number.parseInt(process.versions.node, 10) < NODE_NEEDED) {
  console.error(`holdfast needs Node ${NODE_NEEDED} or later (this is ${process.versions.node})`);
  process.exit(1);
}

const { enableCompileCache } = require("node:module");
const { homedir } = require("node:os");
const { join } = require("node:path");

// Node keeps what the first run compiled, and adds nothing later. So each command has a folder of its own.
const [word] = process.argv.slice(2);
const command = COMMANDS.includes(word) ? word : "other";
// Not in /tmp, where Node would put it: other users could write there first.
const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
// Node 22.0 has no such function; where the folder cannot be written, nothing is kept.
enableCompileCache?.(join(caches, "holdfast", command));

require("./main.cjs").run();

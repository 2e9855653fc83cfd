import { isolationReport } from "./report.ts";
import { linesOf } from "./report-lines.ts";

/** Prints what instance roles may do beyond their own. Exit code 1 for a finding that no exception explains. */
const found = isolationReport();
console.log(linesOf(found).join("\n"));
process.exit(found.findings.length === 0 ? 0 : 1);

import { deployStack, findApi, stackFor } from "../stack.ts";
import { failed, type Outcome, passed, type Tools } from "../tools.ts";

/** A stack that is there is used as it is; else one is deployed for the run, and removed in the end. */
export async function checkStack({ state, save, say, signal }: Tools): Promise<Outcome> {
  if (state.api !== null && state.stack === "given") return passed("the API's address was given", { stack: "given" });
  const there = await stackFor(state.run, state.region);
  if (there.kind === "foreign") return failed(there.why);
  if (there.kind === "use") {
    await save({ api: there.api, stack: "found" });
    return passed("the stack is there already", { stack: "found" });
  }
  if (state.stack !== "made") await save({ stack: "made" });
  await deployStack(state, { say, signal });
  const api = await findApi(state.region);
  if (api === undefined) return failed("the stack has no output ApiUrl");
  await save({ api });
  return passed("the stack was deployed", { stack: "made" });
}

import type { ParallelState } from "../definition.ts";
import { evaluateField, newFrame, type Outcome, type RunGraph, type Visit } from "../visit.ts";
import { fanOut } from "./fan-out.ts";

/** Runs all branches on the same input; the first failure of one fails the state. */
export async function runParallel(state: ParallelState, visit: Visit, runGraph: RunGraph): Promise<Outcome> {
  const { engine, frame, thread } = visit;
  const input = state.Arguments === undefined ? frame.input : await evaluateField(visit, "Arguments", state.Arguments);
  engine.history.add(thread, { type: "ParallelStateStarted" });
  const outputs = await fanOut(visit, {
    count: state.Branches.length,
    concurrency: state.Branches.length,
    evaluateFailure: (_, error) => error,
    runChild: async (index, child) => {
      const branch = state.Branches[index];
      if (branch === undefined) return null;
      const childFrame = frame.children[index] ?? newFrame(branch, structuredClone(input));
      frame.children[index] = childFrame;
      if (childFrame.output !== undefined) return childFrame.output;
      const context = visit.context["Map"] === undefined ? {} : { Map: visit.context["Map"] };
      return runGraph(branch, childFrame, { outer: visit.scope, thread: child, engine, context });
    },
  });
  engine.history.add(thread, { type: "ParallelStateSucceeded" });
  return { fields: state, output: outputs, result: outputs, next: state.Next };
}

import type { ChoiceState } from "../definition.ts";
import { StatesError } from "../errors.ts";
import { QueryEvaluationError } from "../expressions.ts";
import { evaluateField, type Outcome, type Visit } from "../visit.ts";

/**
 * The first rule whose Condition is true decides, and only its own Assign and Output count; those of the state belong to
 * Default. Source: https://states-language.net/#choice-state
 * @throws StatesError States.NoChoiceMatched when no rule matches and there is no Default.
 */
export async function runChoice(state: ChoiceState, visit: Visit): Promise<Outcome> {
  const output = visit.frame.input;
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const matched = await evaluateField(visit, field, rule.Condition);
    if (typeof matched !== "boolean") throw new QueryEvaluationError(`The field '${field}' must be a boolean.`, field);
    if (matched) return { fields: rule, output, next: rule.Next };
  }
  if (state.Default === undefined) {
    throw new StatesError("States.NoChoiceMatched", `No choice of the state '${visit.name}' matched.`);
  }
  return { fields: state, output, next: state.Default };
}

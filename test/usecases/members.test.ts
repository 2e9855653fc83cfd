import { expect, test } from "vitest";
import { askInTurn } from "../../functions/usecases/members.ts";

const MASTERS = ["i-a", "i-b", "i-c"];
const answerOf = (instanceId: string, ok: boolean) => ({
  instanceId,
  ok,
  output: "",
  status: ok ? "Success" : "Failed",
});

/** Asks masters of which these do what they are asked; resolves with whose answer counts, and who was asked. */
async function ask(well: readonly string[], withinMs = 20_000, absent: readonly string[] = []) {
  const asked: string[] = [];
  const answer = await askInTurn(MASTERS, withinMs, async (master) => {
    asked.push(master);
    return absent.includes(master) ? [] : [answerOf(master, well.includes(master))];
  });
  return { asked, answer };
}

test("MINOR 12: what one master cannot do the next one does", async () => {
  expect(await ask(["i-b"])).toEqual({ asked: ["i-a", "i-b"], answer: answerOf("i-b", true) });
  expect(await ask(["i-c"], 20_000, ["i-a"])).toEqual({ asked: MASTERS, answer: answerOf("i-c", true) });
  expect(await ask(MASTERS)).toEqual({ asked: ["i-a"], answer: answerOf("i-a", true) });
});

test("MINOR 12: what no master can do ends with the last answer, or none", async () => {
  expect(await ask([])).toEqual({ asked: MASTERS, answer: answerOf("i-c", false) });
  expect(await ask([], 20_000, MASTERS)).toEqual({ asked: MASTERS, answer: undefined });
});

test("MINOR 12: when no time is left the answer that there is counts", async () => {
  expect(await ask(["i-b"], 1_000)).toEqual({ asked: ["i-a"], answer: answerOf("i-a", false) });
});

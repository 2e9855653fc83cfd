import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { z } from "zod";
import { Peer } from "./rpc.ts";

const methods = { double: { params: z.object({ n: z.number() }), result: z.object({ n: z.number() }) } } as const;
async function double({ n }: { n: number }) {
  if (n < 0) throw new Error("too small");
  return { n: n === 99 ? Number.NaN : 2 * n };
}

function connectedPeers() {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const server = new Peer({ input: there, output: back }, {}, methods, { double });
  const client = new Peer({ input: back, output: there }, methods, {}, {});
  return { client, server, end: () => back.destroy() };
}

test("a call is answered by the other side", async () => {
  const { client } = connectedPeers();

  expect(await Promise.all([client.call("double", { n: 2 }), client.call("double", { n: 3 })])).toEqual([
    { n: 4 },
    { n: 6 },
  ]);
});

test("an error of the other side rejects its call, and the line lives on", async () => {
  const { client } = connectedPeers();

  await expect(client.call("double", { n: -1 })).rejects.toThrow("double: too small");
  expect(await client.call("double", { n: 1 })).toEqual({ n: 2 });
});

test("an answer of the wrong shape rejects its call, and the line lives on", async () => {
  const { client } = connectedPeers();

  await expect(client.call("double", { n: 99 })).rejects.toThrow("expected number");
  expect(await client.call("double", { n: 1 })).toEqual({ n: 2 });
});

test("calls end with the line", async () => {
  const { client, end } = connectedPeers();
  const call = client.call("double", { n: 1 });

  end();

  await expect(call).rejects.toThrow("the other side is gone");
  await expect(client.call("double", { n: 1 })).rejects.toThrow("the other side is gone");
});

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { runCli } from "../test/support/run-cli.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What `holdfast WORDS` does with an API that is none. */
async function against(answer: Answer, words: readonly string[]) {
  const server = createServer((request, response) => {
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  try {
    const { code, stdout, stderr } = await runCli([...words], { HOLDFAST_API: url });
    return { code, stdout: stdout.replaceAll(url, "URL"), stderr: stderr.replaceAll(url, "URL") };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function html(status: number, headers: Record<string, string> = {}): Answer {
  return (_, response) => response.writeHead(status, { "content-type": "text/html", ...headers }).end("<html></html>");
}
const closes: Answer = ({ socket }) => socket.destroy();
const breaksOff: Answer = ({ socket }, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"items":[', () => socket.destroy());
};

const LOST = "URL ended the connection before its answer was complete";
const CHECK = "check HOLDFAST_API";

test.each([
  ["closes the connection", closes, `error: ${LOST}\n`],
  ["breaks off its answer", breaksOff, `error: ${LOST}\n`],
  ["answers 404 with a page", html(404), `error: URL answers 404 Not Found, not as a Holdfast API does: ${CHECK}\n`],
  ["answers 405", html(405), `error: URL answers 405 Method Not Allowed, not as a Holdfast API does: ${CHECK}\n`],
  ["answers 200 with a page", html(200), `error: URL/clusters did not answer as a Holdfast API does: ${CHECK}\n`],
  [
    "redirects",
    html(302, { location: "https://login.example.com/" }),
    `error: URL redirects to https://login.example.com/, and requests are signed for one address: ${CHECK}\n`,
  ],
])("an API that %s is told as it is, in one line", async (_, answer, stderr) => {
  expect(await against(answer, ["get", "clusters"])).toEqual({ code: 1, stdout: "", stderr });
});

test.each([closes, breaksOff])("a change whose answer is lost may have been made, which is said", async (answer) => {
  const { code, stdout, stderr } = await against(answer, ["backup", "cluster", "ha", "-o", "json"]);

  const said = `${LOST}. The request may have been executed. Look at \`holdfast get operations\` before you repeat it.`;
  expect({ code, stderr }).toEqual({ code: 1, stderr: `error: ${said}\n` });
  expect(JSON.parse(stdout)).toMatchObject({ detail: said });
});

test("whoever is not let in is told with what, whatever the answer's form", async () => {
  const { code, stderr } = await against(html(401), ["get", "clusters"]);

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining("URL does not accept your AWS credentials (401 Unauthorized)."),
  });
});

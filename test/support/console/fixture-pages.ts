import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { contentPolicy } from "../../../functions/domain/console/content-policy.ts";
import { type Browser, openBrowser, openPage } from "./browser.ts";
import { ENDPOINTS, WORLDWIDE } from "./endpoint-fixtures.ts";
import { serveFixtures } from "./fixture-server.ts";
import { CLUSTERS } from "./fixtures.ts";
import { ROLLOUTS } from "./fleet-fixtures.ts";

/** For a file of tests: the console over fixtures in a browser, with a new page for each test that must end without faults. */
export function openFixturePages() {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveFixtures>>;
  let opened: Awaited<ReturnType<typeof openPage>>;
  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), serveFixtures(contentPolicy())]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  beforeEach(async () => {
    const rollouts = [...ROLLOUTS, WORLDWIDE];
    Object.assign(server.stage, { role: "admin", isDown: false, clusters: CLUSTERS, rollouts, endpoints: ENDPOINTS });
    opened = await openPage(browser);
    return async () => {
      expect(opened.faults).toEqual([]);
      await opened.close();
    };
  });
  return {
    get page() {
      return opened.page;
    },
    get stage() {
      return server.stage;
    },
    get url() {
      return server.url;
    },
    async show(path: string) {
      await opened.page.goto(server.url + path);
      return opened.page;
    },
  };
}

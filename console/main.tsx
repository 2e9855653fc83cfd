import { render } from "preact";
import { App } from "./app.tsx";
import { openSession } from "./data/session.ts";
import { followLinks } from "./router.ts";

const root = document.getElementById("app");
if (root) {
  followLinks();
  void openSession();
  render(<App />, root);
}

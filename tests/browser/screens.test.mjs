// Screenshots of every state with the real engine, at three widths, light and dark, and
// accessibility checks.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { before, test } from "./support/limits.mjs";
import { given, shared } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 768, 1440];
const HEIGHT = { 360: 740, 768: 1024, 1440: 900 };

async function problems(page) {
  // Half a megabyte, which takes as long to load as to run.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, {
      // The HTML of a message is not ours to fix.
      iframes: false,
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

describe("screens", () => {
  const t = shared();
  let page;
  let bridge;

  before(async () => {
    mkdirSync(given("RESTANTE_ARTIFACTS"), { recursive: true });
    bridge = await startBridge(t, { demo: true });
    ({ page } = await startBrowser(t, { viewport: { width: 1440, height: 900 } }));
  });

  // Takes screenshots of a state at each width, light and dark, and checks each.
  const look = async (name, { overflow = true } = {}) => {
    const found = [];
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT[width] });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const file = join(given("RESTANTE_ARTIFACTS"), `${name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path: file });
        const where = `${width} ${colorScheme}`;
        found.push(...(await problems(page)).map((problem) => `${where}: ${problem}`));
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        if (overflow && wide > 0) found.push(`${where}: ${wide} px too wide`);
      }
    }
    assert.deepEqual(found, []);
    await page.setViewportSize({ width: 1440, height: 900 });
  };

  test("the first run", async () => {
    await reader.visit(page, bridge.url);
    await page.getByRole("button", { name: "Try the demo mailbox" }).waitFor();
    await look("first-run");
  });

  test("a mailbox that could not be added", async () => {
    await reader.addMailbox(page, {
      user: "reader",
      password: "x",
      server: "127.0.0.1",
      port: 25,
      encryption: "TLS",
    });
    await page.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor();
    await look("error");
  });

  test("the list", async () => {
    await reader.visit(page, bridge.url);
    await reader.tryDemo(page);
    await look("list");
  });

  for (const [name, subject] of [
    ["welcome", "Welcome to Restante"],
    ["newsletter", "The winter issue is here"],
    ["postcard", "A postcard from the far end of the bus line"],
    ["text", "Minutes of the meeting"],
    ["attachments", "Four ways to name a file"],
    ["invitation", "Invitation: The reunion"],
    ["forwarded", "Fwd: Found: one thermos"],
    ["hostile", "Museum of Bad Mail, room 1"],
  ]) {
    test(`a message: ${name}`, async () => {
      await reader.search(page).fill(subject);
      // The row is in the whole list too, and moves when the result replaces it.
      await page.getByRole("heading", { name: "Search results" }).waitFor();
      await page.locator("[role=grid][aria-busy=false]").waitFor();
      await reader.open(page, subject);
      await reader.search(page).fill("");
      await reader.row(page, "Welcome to Restante").waitFor();
      await look(`message-${name}`);
      await page.goBack();
      await reader.messages(page).waitFor();
    });
  }

  test("the connection of a mailbox", async () => {
    await page.getByRole("button", { name: /^Connection of/ }).click();
    await page.getByRole("region", { name: "Transcript" }).waitFor();
    await look("connection-sessions");
    await page.getByRole("tab", { name: "Server" }).click();
    await page.getByRole("heading", { name: "What the server can do" }).waitFor();
    await look("connection-server");
    await page.getByRole("tab", { name: "Console" }).click();
    await page.getByRole("button", { name: "Open the console" }).click();
    await page.getByLabel("Command").fill("LIST");
    await page.getByRole("status").filter({ hasText: /^Ready/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("log", { name: "Console" }).getByText("LIST").first().waitFor();
    await look("connection-console");
    await page.getByRole("button", { name: "Close the console" }).click();
    await page.getByText("The session is over.").waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await reader.messages(page).waitFor();
  });

  test("a search that finds nothing", async () => {
    await reader.search(page).fill("zzznothing");
    await page.getByText("Nothing found", { exact: true }).waitFor();
    await look("search-empty");
    await reader.search(page).fill("");
  });

  test("without a network", async () => {
    // Playwright's offline mode does not reach a worker that was started by a worker.
    await bridge.stop();
    await page.getByRole("button", { name: "Check mail" }).click();
    await reader.hears(page, /cannot be reached|offline/i);
    await look("offline");
  });
});

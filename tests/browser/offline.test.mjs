// The page without a network, and without storage.

import assert from "node:assert/strict";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { test } from "./support/limits.mjs";
import { until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

async function readDemo(t, options) {
  const bridge = await startBridge(t, { demo: true });
  const browser = await startBrowser(t, options);
  await reader.visit(browser.page, bridge.url);
  await reader.tryDemo(browser.page);
  return { bridge, ...browser };
}

const kept = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

test("after a reload without a network, mail can be read and searched", async (t) => {
  const { page, context, bridge } = await readDemo(t);
  const count = await reader.messageCount(page);
  await kept(page);
  await context.setOffline(true);
  await bridge.stop();
  await page.reload();
  await reader.messages(page).waitFor();
  await until("all is listed", async () => (await reader.messageCount(page)) === count);
  await reader.open(page, "Welcome to Restante");
  await reader.mail(page).getByText("Your mail has been waiting for you").first().waitFor();
  await reader.search(page).fill("thermos");
  await until("some messages are found", async () => {
    const found = await reader.messageCount(page);
    return found > 0 && found < count;
  });
});

test("a check without a network reports that, and a later check succeeds", async (t) => {
  const { page, bridge } = await readDemo(t);
  await bridge.stop();
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /cannot be reached/);
  await bridge.startAgain();
  // The demo server creates a new authority at each start; a reload fetches it.
  await Promise.all([page.waitForResponse("**/config.json"), page.reload()]);
  await reader.messages(page).waitFor();
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /No new mail/);
});

test("a check without a network reports that even if the connection's script cannot be loaded", async (t) => {
  const { page, context, bridge } = await readDemo(t, { serviceWorkers: "block" });
  await bridge.stop();
  // Otherwise, the browser would have the script in its cache from the first check.
  await context.newCDPSession(page).then((session) => session.send("Network.clearBrowserCache"));
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /cannot be reached/);
});

test("a window without storage keeps mail in memory, and warns about it", async (t) => {
  const bridge = await startBridge(t, { demo: true });
  // The stub must be added to the worker's script, which a cached build would bypass.
  const { page, context } = await startBrowser(t, { serviceWorkers: "block" });
  // For a script that a test provides, Chromium asks for permission to use the local network.
  await context.grantPermissions(["local-network-access"], { origin: bridge.url });
  await context.route("**/engine_loader.js", async (route) => {
    const answer = await route.fetch();
    const stub = `StorageManager.prototype.getDirectory = () =>
      Promise.reject(new DOMException("no storage in this window", "SecurityError"));`;
    await route.fulfill({ response: answer, body: `${stub}\n${await answer.text()}` });
  });
  await reader.visit(page, bridge.url);
  await reader.tryDemo(page);
  await page.getByText("Mail is not saved in this window").waitFor();
  await reader.open(page, "Welcome to Restante");
  await page.reload();
  await page.getByRole("button", { name: "Try the demo mailbox" }).waitFor();
});

test("a second tab waits until the first is closed", async (t) => {
  const { page, context, bridge } = await readDemo(t);
  const second = await context.newPage();
  await second.goto(bridge.url);
  await second.getByText("Restante is open in another tab").waitFor();
  await page.close();
  await reader.messages(second).waitFor();
});

// Without a network, and without a place to keep mail.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
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

test("the mail is there after a reload without a network, and can be read and searched", async (t) => {
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
  await until("some are found", async () => {
    const found = await reader.messageCount(page);
    return found > 0 && found < count;
  });
});

test("a check without a network says so, and goes on with it", async (t) => {
  const { page, bridge } = await readDemo(t);
  await bridge.stop();
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /cannot be reached/);
  await bridge.startAgain();
  // The demo's authority is a new one at every start: a reload learns of it.
  await Promise.all([page.waitForResponse("**/config.json"), page.reload()]);
  await reader.messages(page).waitFor();
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /No new mail/);
});

test("a check says so too where the connection's own script cannot be had", async (t) => {
  const { page, context, bridge } = await readDemo(t, { serviceWorkers: "block" });
  await bridge.stop();
  // What the browser remembers of the first check would else do.
  await context.newCDPSession(page).then((session) => session.send("Network.clearBrowserCache"));
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /cannot be reached/);
});

test("a window without storage reads mail from memory and says that nothing is kept", async (t) => {
  const bridge = await startBridge(t, { demo: true });
  // The stub has to reach the worker's script, which a kept build would bring past us.
  const { page, context } = await startBrowser(t, { serviceWorkers: "block" });
  // A script from a test comes from no network, so Chromium would ask before it lets it onto one.
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

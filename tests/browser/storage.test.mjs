// A device that runs out of room in the middle of a check.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

test("a full storage is told, what has arrived stays, and the next check goes on", async (t) => {
  const bridge = await startBridge(t, { demo: true });
  const { context, page } = await startBrowser(t);
  await reader.visit(page, bridge.url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const devtools = await context.newCDPSession(page);
  const origin = new URL(bridge.url).origin;
  const used = () => page.evaluate(async () => (await navigator.storage.estimate()).usage);
  // Room for the small messages, and not for the one of 6 MB.
  const quotaSize = (await used()) + 3_000_000;
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });

  await page.getByRole("button", { name: "Try the demo mailbox" }).click();
  await reader.hears(page, /storage that the browser gives this site is full/);
  await reader.checking(page).waitFor({ state: "detached" });
  const kept = await reader.messageCount(page);
  assert.ok(kept > 0 && kept < 50, `${kept} messages`);
  await reader.open(page, "Museum of Bad Mail, room 1");

  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  await page.reload();
  await until("what arrived is there", async () => (await reader.messageCount(page)) === kept);
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, new RegExp(`${50 - kept} new messages`));
  await until("all is there once", async () => (await reader.messageCount(page)) === 50);
});

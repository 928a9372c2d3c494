// A device that runs out of storage during a check.

import assert from "node:assert/strict";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot } from "./support/dovecot.mjs";
import { test } from "./support/limits.mjs";
import { until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const message = (number, size = 200) =>
  `Subject: Message number ${number}.\r\n\r\n${`${"x".repeat(70)}\r\n`.repeat(size / 72)}`;

test("full storage is reported, the fetched mail stays, and the next check continues", async (t) => {
  const dovecot = await startDovecot(t, [1, 2, 3].map((number) => message(number)));
  const port = dovecot.ports.tls;
  const bridge = await startBridge(t, { allow: [`${HOST}:${port}=127.0.0.1`] });
  const { context, page } = await startBrowser(t);
  await reader.visit(page, bridge.url);
  const account = { user: USER, password: PASSWORD, server: HOST, port, encryption: "TLS", ca: dovecot.caPem };
  await reader.addMailbox(page, account);
  await reader.allArrived(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  dovecot.deliver(message(4, 12_000_000));
  dovecot.deliver(message(5));
  // Leaves room for the index to grow, but not for the large message.
  const devtools = await context.newCDPSession(page);
  const origin = new URL(bridge.url).origin;
  const { usage } = await page.evaluate(() => navigator.storage.estimate());
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 4_000_000 });
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /storage that the browser gives this site is full/);
  await reader.checking(page).waitFor({ state: "detached" });
  assert.equal(await reader.messageCount(page), 3);
  await reader.open(page, "Message number 2.");

  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  await page.reload();
  await until("the earlier mail is listed", async () => (await reader.messageCount(page)) === 3);
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, /2 new messages/);
  await until("all messages are listed once", async () => (await reader.messageCount(page)) === 5);
});

// A mailbox on a real mail server: over TLS and STLS, with interrupted checks, and after a reload.

import assert from "node:assert/strict";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot, startSlowLine } from "./support/dovecot.mjs";
import { test } from "./support/limits.mjs";
import { until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

// Returns a message with lines that a careless client would alter.
const message = (number, size = 200) => `From: Sender ${number} <s${number}@restante.test>\r
To: reader@restante.test\r
Subject: Message number ${number}.\r
Date: Mon, 2 Nov 2026 10:${String(number % 60).padStart(2, "0")}:00 +0000\r
Message-ID: <m${number}@restante.test>\r
\r
.\r
..dots at the beginning of lines\r
word${number} ${"lorem ipsum ".repeat(size / 12)}\r
`;

const MESSAGES = Array.from({ length: 30 }, (_, index) => message(index + 1));

async function start(t, messages = MESSAGES, moreRules = () => []) {
  const dovecot = await startDovecot(t, messages);
  const ports = [dovecot.ports.tls, dovecot.ports.stls, ...(await moreRules(dovecot))];
  const bridge = await startBridge(t, { allow: ports.map((port) => `${HOST}:${port}=127.0.0.1`) });
  const browser = await startBrowser(t);
  await reader.visit(browser.page, bridge.url);
  return { dovecot, bridge, ...browser };
}

const account = (dovecot, encryption = "TLS", port = dovecot.ports.tls) => ({
  user: USER,
  password: PASSWORD,
  server: HOST,
  port,
  encryption,
  ca: dovecot.caPem,
});

for (const [encryption, port] of [
  ["TLS", "tls"],
  ["STLS", "stls"],
]) {
  test(`a mailbox is read over ${encryption}, with a trusted authority of its own`, async (t) => {
    const { page, dovecot, errors } = await start(t);
    await reader.addMailbox(page, account(dovecot, encryption, dovecot.ports[port]));
    await reader.allArrived(page);
    assert.equal(await reader.messageCount(page), MESSAGES.length);
    await reader.open(page, "Message number 7.");
    assert.match(await reader.article(page).innerText(), /word7 lorem ipsum/);
    assert.deepEqual(errors, []);
  });
}

test("the saved source equals the server's file", async (t) => {
  const { page, dovecot } = await start(t);
  await reader.addMailbox(page, account(dovecot));
  await reader.allArrived(page);
  await reader.open(page, "Message number 3.");
  await page.getByRole("button", { name: "View source" }).click();
  const file = await reader.download(page, page.getByRole("button", { name: "Download .eml" }));
  assert.equal(file.octets.toString("latin1"), message(3));
});

test("the next check fetches only the new message", async (t) => {
  const { page, dovecot } = await start(t);
  await reader.addMailbox(page, account(dovecot));
  await reader.allArrived(page);
  dovecot.deliver(message(31));
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, "1 new message");
  await until("the message is listed", async () => (await reader.messageCount(page)) === 31);
  assert.match(await reader.rows(page).first().innerText(), /Message number 31\./);
});

test("search finds a word of one message, and the mail survives a reload", async (t) => {
  const { page, dovecot } = await start(t);
  await reader.addMailbox(page, account(dovecot));
  await reader.allArrived(page);
  const oneHit = async () => {
    await reader.search(page).fill("word17");
    await until("one is found", async () => (await reader.rows(page).count()) === 1);
    assert.match(await reader.rows(page).first().innerText(), /Message number 17\./);
  };
  await oneHit();
  await page.reload();
  await reader.messages(page).waitFor();
  await until("all is listed", async () => (await reader.messageCount(page)) === MESSAGES.length);
  await oneHit();
});

// Two ways to interrupt a check, and the page's message for each.
for (const [way, end, words] of [
  ["cancelled", (page) => page.getByRole("button", { name: "Cancel" }).click(), /Cancelled/],
  ["cut off", (_, line) => line.cut(), /connection to the mail server was lost/],
]) {
  test(`a check that was ${way} keeps the fetched messages, and the next check fetches the others`, async (t) => {
    const many = Array.from({ length: 60 }, (_, index) => message(index + 1, 24_000));
    let line;
    const { page, dovecot } = await start(t, many, async ({ ports }) => {
      line = await startSlowLine(t, ports.tls, 600_000);
      return [line.port];
    });
    await reader.addMailbox(page, account(dovecot, "TLS", line.port));
    await until("some messages have arrived", async () => {
      const progress = await reader.checking(page).getAttribute("aria-valuetext");
      return Number(/(\d+) of 60/.exec(progress)?.[1]) >= 15;
    });
    await end(page, line);
    await reader.hears(page, words);
    await reader.checking(page).waitFor({ state: "detached" });
    // The page reloads the list when the engine reports new messages.
    const kept = await until("the fetched messages are listed", () => reader.messageCount(page));
    assert.ok(kept < 60, `${kept} were kept`);
    line.release();
    await page.getByRole("button", { name: "Check mail" }).click();
    await reader.hears(page, new RegExp(`${60 - kept} new messages`));
    await until("all are listed", async () => (await reader.messageCount(page)) === 60);
    const subjects = (await reader.rows(page).allInnerTexts()).map((text) => /number (\d+)\./.exec(text)?.[1]);
    assert.equal(new Set(subjects).size, 60);
  });
}

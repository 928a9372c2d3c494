// The page "Connection" with a real mail server: transcripts and the console.

import assert from "node:assert/strict";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot } from "./support/dovecot.mjs";
import { test } from "./support/limits.mjs";
import { until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const message = (number) => `From: Sender ${number} <s${number}@restante.test>\r
To: reader@restante.test\r
Subject: Message number ${number}.\r
Date: Mon, 2 Nov 2026 10:0${number}:00 +0000\r
\r
The only word of message ${number} is word${number}.\r
`;
const MESSAGES = [1, 2, 3].map(message);

// The password in the forms in which login methods send it.
const SECRETS = [
  PASSWORD,
  Buffer.from(PASSWORD).toString("base64"),
  Buffer.from(`\0${USER}\0${PASSWORD}`).toString("base64"),
];

async function startHere(t) {
  const dovecot = await startDovecot(t, MESSAGES);
  const bridge = await startBridge(t, { allow: [`${HOST}:${dovecot.ports.tls}=127.0.0.1`] });
  const { page, errors } = await startBrowser(t, { viewport: { width: 1440, height: 900 } });
  await reader.visit(page, bridge.url);
  await reader.addMailbox(page, {
    user: USER,
    password: PASSWORD,
    server: HOST,
    port: dovecot.ports.tls,
    encryption: "TLS",
    ca: dovecot.caPem,
  });
  await reader.allArrived(page);
  await page.getByRole("button", { name: /^Connection of/ }).click();
  await page.getByRole("region", { name: "Transcript" }).waitFor();
  return { dovecot, page, errors };
}

// Types a line into the console, and sends it.
async function type(page, line) {
  const command = page.getByLabel("Command");
  await command.fill(line);
  await command.press("Enter");
}

const ready = (page) => page.getByRole("status").filter({ hasText: /^(Ready|\d+ messages? marked)/ }).waitFor();

test("a session with a real server can be read and saved, without the password", async (t) => {
  const { page, errors } = await startHere(t);
  const shown = await page.getByRole("region", { name: "Transcript" }).innerText();
  assert.match(shown, /UIDL/);
  assert.match(shown, /\+OK Logged in/);
  assert.match(shown, /\d ms/);
  await page.getByText(/TLS ?(v|1_)?1[._]3/).first().waitFor();
  const file = await reader.download(page, page.getByRole("button", { name: "Download" }));
  assert.match(file.name, /^restante-mail\.restante\.test-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.txt$/);
  const text = file.octets.toString();
  assert.match(text, /^C: UIDL$/m);
  assert.match(text, /^S: \+OK/m);
  assert.match(text, /^C: QUIT$/m);
  for (const secret of SECRETS) {
    assert.ok(!text.includes(secret) && !shown.includes(secret), "the password is in the transcript");
  }
  await page.getByRole("tab", { name: "Server" }).click();
  await page.getByText("PIPELINING").first().waitFor();
  assert.deepEqual(errors, []);
});

test("a message deleted in the console is gone from the server, and kept here", async (t) => {
  const { page, dovecot, errors } = await startHere(t);
  await page.getByRole("tab", { name: "Console" }).click();
  await page.getByRole("button", { name: "Open the console" }).click();
  const log = page.getByRole("log", { name: "Console" });
  await ready(page);
  await type(page, "STAT");
  await log.getByText(/\+OK 3 \d+/).waitFor();
  await ready(page);
  await type(page, "RETR 1");
  await log.getByText(/word1\./).waitFor();
  await ready(page);

  await type(page, "DELE 1");
  const mark = page.getByRole("dialog", { name: "Mark it to be deleted?" });
  await mark.getByRole("button", { name: "Do not send it" }).click();
  await mark.waitFor({ state: "detached" });
  await type(page, "DELE 1");
  await mark.getByRole("button", { name: "Mark it to be deleted" }).click();
  await page.getByText("1 message marked to be deleted").waitFor();
  assert.equal(dovecot.messagesThere().length, 3, "no message is deleted before QUIT");

  await type(page, "QUIT");
  const quit = page.getByRole("dialog", { name: "Delete for good?" });
  await quit.getByText(/1 message/).waitFor();
  await quit.getByRole("button", { name: "Delete for good" }).click();
  await page.getByText("The session is over.").waitFor();
  await until("the message is gone from the server", () => dovecot.messagesThere().length === 2);
  assert.ok(!dovecot.messagesThere().some((text) => text.includes("word1.")));

  await page.getByRole("tab", { name: "Sessions" }).click();
  await page.getByRole("region", { name: "Transcript" }).getByText("DELE 1").waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  assert.equal(await reader.messageCount(page), 3);
  await reader.open(page, "Message number 1.");
  await reader.article(page).getByText("word1").waitFor();
  assert.deepEqual(errors, []);
});

test("an open console blocks checks, and closing it cancels its deletions", async (t) => {
  const { page, dovecot } = await startHere(t);
  await page.getByRole("tab", { name: "Console" }).click();
  await page.getByRole("button", { name: "Open the console" }).click();
  await ready(page);
  await type(page, "DELE 2");
  await page.getByRole("button", { name: "Mark it to be deleted" }).click();
  await page.getByText("1 message marked to be deleted").waitFor();
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, "The console is using this mailbox");
  await page.getByRole("button", { name: "Close the console" }).click();
  await page.getByText("The session is over.").waitFor();
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, "No new mail");
  assert.equal(dovecot.messagesThere().length, 3);
});

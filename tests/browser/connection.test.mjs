// The page "Connection" and the settings of a mailbox, with a fake engine.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { startBrowser } from "./support/browser.mjs";
import { REPORT } from "./support/connection.mjs";
import { before, test } from "./support/limits.mjs";
import { shared } from "./support/machine.mjs";
import { MESSAGES } from "./support/mail.mjs";
import { finish, mailbox, say, sent, serveClient, visitWith } from "./support/page.mjs";
import * as reader from "./support/reader.mjs";

const ONE = [mailbox(1, "ada@example.org")];
const HERE = { mailboxes: ONE, messages: MESSAGES, report: REPORT };

const transcript = (page) => page.getByRole("region", { name: "Transcript" });
const log = (page) => page.getByRole("log", { name: "Console" });
const command = (page) => page.getByLabel("Command");

async function tabTo(page, name) {
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press("Tab");
    const label = await page.evaluate(() => {
      const element = document.activeElement;
      return (element.getAttribute("aria-label") ?? element.textContent).trim();
    });
    if (label === name) return;
  }
  assert.fail(`Tab does not reach ${name}`);
}

async function openConsole(page) {
  await page.getByRole("tab", { name: "Console" }).click();
  await page.getByRole("button", { name: "Open the console" }).click();
  await command(page).waitFor();
}

async function type(page, line) {
  await command(page).fill(line);
  await page.keyboard.press("Enter");
}

describe("the connection page", () => {
  const t = shared();
  let url;
  let context;
  let errors;

  before(async () => {
    url = await serveClient(t);
    ({ context, errors } = await startBrowser(t));
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });

  const visit = (engine, options) => visitWith(context, url, { ...HERE, ...engine }, options);
  const visitConnection = (engine, options) =>
    visit(engine, { hash: "#mailbox=1&connection", ...options });

  test("opens from the mailbox and from a failed check, and Back returns to the mail", async () => {
    const page = await visit();
    await page.getByRole("button", { name: "Connection of ada@example.org" }).click();
    await transcript(page).waitFor();
    await reader.hasFocus(page.getByRole("heading", { name: "Connection" }));
    await page.goBack();
    await reader.row(page, "seventh wheel").waitFor();
    await finish(page, { type: "failed", newMessages: 0, problem: { kind: "maildropInUse", detail: "[IN-USE] locked" } });
    await reader.hears(page, "Another mail program is using this mailbox");
    assert.equal(await page.getByRole("button", { name: /password/i }).count(), 0);
    await page.getByRole("button", { name: "See the connection" }).click();
    await transcript(page).waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await reader.row(page, "seventh wheel").waitFor();
    await page.close();
  });

  test("shows the side and the time of each line, and the encryption", async () => {
    const page = await visitConnection();
    const text = await transcript(page).innerText();
    assert.match(text, /C\s+Restante:\s+CAPA\s+S\s+Server:\s+\+OK\s+TOP/);
    assert.match(text, /1,204 ms/);
    await page.getByText("TLS13_CHACHA20_POLY1305_SHA256").waitFor();
    await page.getByRole("button", { name: /refused the user name/ }).click();
    await page.getByText("-ERR [AUTH] Authentication failed.").waitFor();
    assert.doesNotMatch(await transcript(page).innerText(), /CAPA/);
    await page.getByRole("tab", { name: "Server" }).click();
    await page.getByText("New: PIPELINING, LOGIN-DELAY 300. Gone: SASL PLAIN SCRAM-SHA-256.").waitFor();
    await page.close();
  });

  test("saves and copies a session as a transcript", async () => {
    const page = await visitConnection();
    const file = await reader.download(page, page.getByRole("button", { name: "Download" }));
    assert.equal(file.name, "restante-pop.example.org-2026-11-22T14-05-07.txt");
    const text = file.octets.toString();
    for (const line of text.trimEnd().split("\n")) assert.match(line, /^$|^# |^[CS]: |^\[.+\]$/);
    assert.match(text, /^# server: pop\.example\.org:995\n# began: 2026-11-22T14:05:07\.000Z\n/);
    assert.match(text, /\nC: UIDL\nS: \+OK 12 messages\n# 1,204 ms\nS: 1 /);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    await page.close();
  });

  test("shows the session of a check that runs while the page is open", async () => {
    const page = await visitConnection({ report: { sessions: [] } });
    await page.getByText("No session yet").waitFor();
    await page.evaluate((report) => {
      window.fakeEngine.options.report = report;
    }, REPORT);
    await page.getByRole("button", { name: "Check mail" }).click();
    await transcript(page).waitFor();
    await page.close();
  });

  test("can be used with the keyboard alone", async () => {
    const page = await visit();
    await tabTo(page, "Connection of ada@example.org");
    await page.keyboard.press("Enter");
    await transcript(page).waitFor();
    await tabTo(page, "Sessions");
    await page.keyboard.press("ArrowLeft");
    await reader.hasFocus(page.getByRole("tab", { name: "Console" }));
    await tabTo(page, "Open the console");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "console-line");
    await page.keyboard.type("STAT");
    await page.keyboard.press("Enter");
    await log(page).getByText("STAT").waitFor();
    await page.keyboard.type("DELE 1");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement.id === "console-line");
    await page.keyboard.press("ArrowUp");
    await reader.holds(command(page), "DELE 1");
    await page.keyboard.press("ArrowUp");
    await reader.holds(command(page), "STAT");
    await page.close();
  });

  test("sends DELE only after confirmation, and explains the effect of QUIT", async () => {
    const page = await visitConnection();
    await openConsole(page);
    await type(page, "DELE 1");
    const dialog = page.getByRole("dialog", { name: "Mark it to be deleted?" });
    await dialog.getByText("The server will delete message 1 for good at QUIT. It stays on this device.").waitFor();
    await dialog.getByRole("button", { name: "Do not send it" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await type(page, "DELE 1");
    await dialog.getByRole("button", { name: "Mark it to be deleted" }).click();
    await page.getByText("1 message marked to be deleted: QUIT deletes it for good").waitFor();
    const lines = await sent(page, "console.send");
    assert.deepEqual(lines.map(({ line, confirmed }) => [line, confirmed]), [
      ["DELE 1", false],
      ["DELE 1", false],
      ["DELE 1", true],
    ]);
    await page.close();
  });

  test("keeps a line that cannot be sent, and shows the reason", async () => {
    const page = await visitConnection();
    await openConsole(page);
    await type(page, "PASS x");
    await page.getByRole("alert").filter({ hasText: "You are logged in already: names and passwords are not sent from here." }).waitFor();
    await reader.holds(command(page), "PASS x");
    assert.equal(await command(page).getAttribute("aria-invalid"), "true");
    await page.close();
  });

  test("announces several lines for one unknown command only", async () => {
    const page = await visitConnection();
    await openConsole(page);
    const several = page.getByLabel("The answer has several lines");
    await several.check();
    await type(page, "XLIST");
    await log(page).getByText("XLIST").waitFor();
    assert.equal(await several.isChecked(), false);
    const [{ severalLines }] = await sent(page, "console.send");
    assert.equal(severalLines, true);
    await page.close();
  });

  test("keeps the last lines of a long answer visible, and limits the number of lines", async () => {
    const page = await visitConnection();
    await openConsole(page);
    for (let part = 0; part < 13; part += 1) {
      await page.evaluate((part) => {
        window.fakeEngine.type(Array.from({ length: 500 }, (_, line) => `S: line ${part * 500 + line}`));
      }, part);
    }
    const last = log(page).getByText("line 6499");
    await last.waitFor();
    const seen = await last.evaluate((element) => {
      const box = element.closest("[role=log]").getBoundingClientRect();
      return element.getBoundingClientRect().bottom <= box.bottom + 1;
    });
    assert.ok(seen, "the last line is visible");
    const drawn = (await log(page).innerText()).match(/line \d+/g).length;
    assert.ok(drawn >= 5_000 && drawn < 5_300, `${drawn} lines are drawn`);
    await log(page).getByText("lines before these not shown").waitFor();
    await page.close();
  });

  test("keeps the transcript after the end of the session", async () => {
    const page = await visitConnection();
    await openConsole(page);
    await type(page, "QUIT");
    await page.getByText("The session is over.").waitFor();
    await log(page).getByText("QUIT").waitFor();
    await page.waitForFunction(() => document.activeElement.id === "console-open");
    await page.getByRole("button", { name: "Open it again" }).click();
    await command(page).waitFor();
    await say(page, {
      type: "console",
      mailbox: 1,
      change: { type: "closed", problem: { kind: "connectionLost", transcript: ["C: NOOP"] } },
    });
    await page.getByRole("alert").filter({ hasText: "The connection to the mail server was lost." }).waitFor();
    await page.getByText("The last lines of the session").click();
    await page.getByText("C: NOOP").waitFor();
    await page.close();
  });

  test("explains why a console did not open, and its purpose", async () => {
    const page = await visitConnection({ hold: ["console.open"] });
    await page.getByRole("tab", { name: "Console" }).click();
    await page.getByRole("button", { name: "Open the console" }).click();
    await page.getByText("Connecting and logging in").waitFor();
    await say(page, {
      type: "console",
      mailbox: 1,
      change: { type: "closed", problem: { kind: "maildropInUse", transcript: [] } },
    });
    await page.getByRole("alert").filter({ hasText: "Another mail program is using this mailbox" }).waitFor();
    await page.getByText("Speak to the server yourself").waitFor();
    assert.equal(await log(page).count(), 0, "the transcript is empty");
    await page.close();
  });

  test("shows the settings of a mailbox, and saves the changes", async () => {
    const page = await visitConnection();
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    const fields = reader.form(page);
    await page.getByRole("heading", { name: "Mailbox settings" }).waitFor();
    await reader.holds(fields.address, "ada@example.org");
    await reader.holds(fields.port, "995");
    await fields.encryption.selectOption("STLS");
    await reader.holds(fields.port, "110");
    await page.getByText("More settings").click();
    await page.getByLabel("Login").selectOption("XOAUTH2");
    await page.getByLabel("Access token", { exact: true }).fill("ya29.token");
    await page.getByRole("button", { name: "Save and check mail" }).click();
    await reader.row(page, "seventh wheel").waitFor();
    const [{ mailbox: id, settings }] = await sent(page, "mailbox.updateSettings");
    assert.equal(id, 1);
    assert.deepEqual([settings.encryption, settings.port, settings.login], ["stls", 110, { only: "xOauth2" }]);
    const [{ password }] = await sent(page, "mailbox.setPassword");
    assert.equal(password, "ya29.token");
    await page.close();
  });

  test("shows the time of the next check, and the time that the server asks for", async () => {
    const next = Math.floor(Date.now() / 1000) + 240;
    const page = await visit({ mailboxes: [{ ...ONE[0], nextCheck: next }] });
    await page.getByText(/next check at \d/).waitFor();
    await finish(page, { type: "postponed", until: next });
    await reader.hears(page, /pause between checks · Next check at \d/);
    await finish(page, { type: "failed", newMessages: 0, problem: { kind: "tryLater", retryAt: next } });
    await reader.hears(page, /The server allows the next login at \d/);
    await page.close();
  });

  test("keeps the keyboard in the open drawer of a narrow page", async () => {
    const page = await visit({}, { width: 360, height: 740 });
    await page.getByRole("button", { name: "Mailboxes", exact: true }).click();
    const within = () => page.evaluate(() => document.activeElement === document.body || document.activeElement.closest("#mailboxes") !== null);
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press("Tab");
      assert.ok(await within(), await page.evaluate(() => document.activeElement.outerHTML.slice(0, 80)));
    }
    await page.getByRole("button", { name: "Connection of ada@example.org" }).focus();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement.id === "menu");
    await page.close();
  });

  test("throws no uncaught error", () => {
    assert.deepEqual(errors, []);
  });
});

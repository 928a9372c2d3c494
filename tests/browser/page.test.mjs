// The page alone, with a fake engine.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { startBrowser } from "./support/browser.mjs";
import { before, test } from "./support/limits.mjs";
import { shared } from "./support/machine.mjs";
import { MESSAGES } from "./support/mail.mjs";
import { finish, mailbox, say, sent, serveClient, visitWith } from "./support/page.mjs";
import * as reader from "./support/reader.mjs";

const ONE = [mailbox(1, "ada@example.org")];

const KINDS = [
  "wrongCredentials", "maildropInUse", "tryLater", "administratorNeeded", "noLoginOffered",
  "loginWeakened", "consoleOpen", "serverRefused", "encryptionRequired",
  "stlsNotOffered", "unknownHost", "connectionRefused", "timedOut", "connectionLost",
  "certificateNotTrusted", "tlsFailed", "bridgeUnreachable", "bridgeRefusedTarget", "bridgeBusy",
  "bridgeShuttingDown", "bridgeWantsSignIn", "bridgeRefusedPage", "notPop3", "protocolBroken", "caNotReadable", "credentialsNotSendable",
  "storageFull", "storageFailed", "notFound", "alreadyAdded",
];

describe("the page", () => {
  const t = shared();
  let url;
  let context;
  let errors;

  before(async () => {
    url = await serveClient(t);
    ({ context, errors } = await startBrowser(t));
  });

  const visit = (engine, options) => visitWith(context, url, engine, options);
  const fill = async (page) => {
    const fields = reader.form(page);
    await fields.address.fill("ada@example.org");
    await fields.password.fill("hunter2");
    return fields;
  };

  test("can be filled in before the engine listens, and is sent then", async () => {
    const page = await visit({ start: "silent" });
    const fields = await fill(page);
    await fields.submit.click();
    assert.deepEqual(await sent(page, "mailbox.add"), []);
    await say(page, { type: "listening" });
    const [start] = await sent(page, "start");
    assert.equal(start.relay, `${url.replace("http", "ws")}relay`);
    const [{ settings, password, remember }] = await sent(page, "mailbox.add");
    assert.deepEqual(
      { ...settings, password, remember },
      {
        address: "ada@example.org", user: "ada@example.org", host: "pop.example.org", port: 995,
        encryption: "tls", caPem: undefined, demo: false, login: "password", password: "hunter2", remember: false,
      },
    );
    await page.close();
  });

  test("derives user name, server and port from the address and the encryption until they are edited", async () => {
    const page = await visit();
    const fields = await fill(page);
    await reader.holds(fields.user, "ada@example.org");
    await reader.holds(fields.server, "pop.example.org");
    await fields.encryption.selectOption("STLS");
    await reader.holds(fields.port, "110");
    await fields.port.fill("1110");
    await fields.encryption.selectOption("None");
    await reader.holds(fields.port, "1110");
    await page.getByText("everyone between this tab and the mail server can read").waitFor();
    await page.close();
  });

  test("shows an error at each invalid field", async () => {
    const page = await visit();
    const fields = reader.form(page);
    await fields.submit.click();
    assert.deepEqual(await sent(page, "mailbox.add"), []);
    for (const field of [fields.address, fields.user, fields.password, fields.server]) {
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      const note = await field.getAttribute("aria-describedby");
      assert.match(await page.locator(`#${note}`).innerText(), /^Enter /);
    }
    await reader.hasFocus(fields.address);
    await page.close();
  });

  test("explains each problem in words of its own, and keeps the typed text", async () => {
    const page = await visit({ hold: ["mailbox.add"] });
    const fields = await fill(page);
    const explanations = new Set();
    for (const kind of KINDS) {
      await fields.submit.click();
      await reader.checking(page).waitFor();
      const { request } = (await sent(page, "mailbox.add")).at(-1);
      await say(page, { type: "requestFailed", request, problem: { kind, detail: `detail of ${kind}` } });
      const alert = page.getByRole("alert").filter({ hasText: `detail of ${kind}` });
      const words = (await alert.innerText()).replace(`detail of ${kind}`, "");
      assert.match(words, /\w.+\.\s+\w.+\./s);
      explanations.add(words);
      await reader.holds(fields.password, "hunter2");
    }
    assert.equal(explanations.size, KINDS.length);
    await page.close();
  });

  test("links to the sign-in of a proxy in front of the bridge", async () => {
    const elsewhere = await serveClient(t, { signIn: { token: false, password: false } });
    const page = await visitWith(context, elsewhere, { refuse: { kind: "bridgeWantsSignIn" } });
    await page.getByRole("button", { name: "Try the demo mailbox" }).click();
    const link = page.getByRole("link", { name: "Sign in on this site\u2019s own page" });
    await link.waitFor();
    assert.equal(await link.evaluate(({ href }) => href), `${elsewhere}access`);
    assert.equal(await page.getByRole("button", { name: "Sign in to the bridge" }).count(), 0);
    await page.close();
  });

  test("cancels an attempt at once", async () => {
    const page = await visit({ hold: ["mailbox.add"] });
    const fields = await fill(page);
    await fields.submit.click();
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await sent(page, "cancel")).length, 1);
    const [{ request }] = await sent(page, "mailbox.add");
    await say(page, { type: "requestFailed", request, problem: { kind: "cancelled" } });
    await fields.submit.waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    await page.close();
  });

  test("opens the mail from the demo button", async () => {
    const page = await visit({ messages: MESSAGES });
    await reader.tryDemo(page);
    assert.equal(await reader.messageCount(page), MESSAGES.length);
    assert.equal(await page.getByRole("button", { name: "Try the demo mailbox" }).count(), 0);
    const [{ settings }] = await sent(page, "mailbox.add");
    assert.equal(settings.demo, true);
    await page.close();
  });

  test("continues by itself when the other tab is closed", async () => {
    const page = await visit({ start: "occupied", mailboxes: ONE, messages: MESSAGES });
    await page.getByRole("heading", { name: "Restante is open in another tab" }).waitFor();
    await page.evaluate(() => window.fakeEngine.ready());
    await reader.row(page, "The seventh wheel").waitFor();
    await page.close();
  });

  test("reports that the engine did not load, and offers to reload", async () => {
    const page = await visit({ start: "absent" });
    await page.getByRole("heading", { name: "The mail engine did not load" }).waitFor();
    await Promise.all([
      page.waitForEvent("load"),
      page.getByRole("button", { name: "Reload" }).click(),
    ]);
    await page.close();
  });

  for (const [name, event] of [
    ["of an unknown group", { type: "lettuce.wilted" }],
    ["without a field", { type: "check.finished", mailbox: 1 }],
    ["with a number out of range", { type: "ready", storage: "persistent", healed: [], mailboxes: [{ ...ONE[0], id: -1 }] }],
    ["with half a list", { type: "ready", storage: "persistent", healed: [], mailboxes: [ONE[0], "ada"] }],
  ]) {
    test(`reports that the engine is of another build, after an event ${name}`, async () => {
      const page = await visit({ count: 3, mailboxes: ONE });
      await reader.rows(page).first().waitFor();
      await say(page, event);
      await page.getByRole("heading", { name: "The mail engine stopped" }).waitFor();
      await page.getByRole("button", { name: "Reload" }).waitFor();
      await page.close();
    });
  }

  test("scrolls 50,000 messages with only the visible rows in the document", async () => {
    const page = await visit({ count: 50_000, mailboxes: ONE });
    await reader.rows(page).first().waitFor();
    assert.equal(await reader.messageCount(page), 50_000);
    const grid = reader.messages(page);
    const height = await grid.evaluate((element) => element.scrollHeight);
    for (const part of [0.2, 0.9, 0.5, 1, 0.001]) {
      await grid.evaluate((element, top) => element.scrollTo(0, top), height * part);
      await page.waitForFunction(() => {
        const box = document.querySelector("[role=grid]").getBoundingClientRect();
        const seen = [...document.querySelectorAll("[role=row]")].filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return bottom > box.top && top < box.bottom;
        });
        const covered = seen.reduce((sum, row) => sum + row.getBoundingClientRect().height, 0);
        return covered >= box.height && seen.every((row) => row.querySelector("time"));
      });
      const rows = await reader.rows(page).count();
      assert.ok(rows < 50, `${rows} rows in the document`);
    }
    await page.close();
  });

  test("keeps the scroll position when mail arrives above it", async () => {
    const page = await visit({ count: 5_000, mailboxes: ONE });
    const grid = reader.messages(page);
    await reader.rows(page).first().waitFor();
    await grid.evaluate((element) => element.scrollTo(0, 72 * 300));
    const target = reader.row(page, "4698");
    const before = await target.boundingBox();
    await page.evaluate(() => window.fakeEngine.arrive(17));
    await page.waitForFunction(() => document.querySelector("[role=grid]").ariaRowCount === "5017");
    assert.deepEqual(await target.boundingBox(), before);
    await grid.evaluate((element) => element.scrollTo(0, 0));
    await reader.row(page, "5017").waitFor();
    await page.close();
  });

  test("can be used with the keyboard alone", async () => {
    const page = await visit({ messages: MESSAGES });
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    const tabTo = async (name) => {
      for (let presses = 0; presses < 25; presses += 1) {
        await page.keyboard.press("Tab");
        const found = await page.evaluate((name) => {
          const element = document.activeElement;
          const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label");
          return (label ?? element.textContent).trim() === name || element.getAttribute("role") === name;
        }, name);
        if (found) return;
      }
      assert.fail(`Tab does not reach ${name}`);
    };
    await tabTo("E-mail address");
    await page.keyboard.type("ada@example.org");
    await tabTo("Password");
    await page.keyboard.type("hunter2");
    await page.keyboard.press("Enter");
    await reader.allArrived(page);
    await tabTo("row");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("k");
    assert.match(await focused(), /seventh wheel/);
    await page.keyboard.press("End");
    assert.match(await focused(), /No subject/);
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await reader.article(page).getByRole("heading", { name: "Re: The seventh wheel" }).waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === "H2");
    await page.keyboard.press("j");
    await reader.article(page).getByRole("heading", { name: "Photographs from Saturday" }).waitFor();
    await tabTo("Download at the lake.jpg");
    const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    assert.equal(file.suggestedFilename(), "at the lake.jpg");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement.getAttribute("role") === "row");
    assert.match(await focused(), /Photographs/);
    await reader.search(page).focus();
    await page.keyboard.type("corner");
    await page.waitForFunction(() => document.querySelector("[role=grid]").ariaRowCount === "1");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelector("[role=grid]").ariaRowCount === "6");
    await page.close();
  });

  test("closes the reader with Back on a narrow page, and restores the list's position", async () => {
    const page = await visit({ count: 500, mailboxes: ONE }, { width: 360, height: 740 });
    const grid = reader.messages(page);
    await reader.rows(page).first().waitFor();
    await grid.evaluate((element) => element.scrollTo(0, 72 * 100));
    const row = reader.row(page, "398");
    const before = await row.boundingBox();
    for (let times = 0; times < 2; times += 1) {
      await row.click();
      await reader.article(page).waitFor();
      assert.equal(await grid.isVisible(), false);
      if (times === 0) await page.goBack();
      else await page.getByRole("button", { name: "Back" }).click();
      await grid.waitFor();
      assert.deepEqual(await row.boundingBox(), before);
    }
    assert.equal(new URL(page.url()).hash, "");
    await page.close();
  });

  test("shows HTML in a sandboxed frame", async () => {
    const page = await visit({ mailboxes: ONE, messages: MESSAGES });
    await reader.open(page, "The winter issue is here");
    const frame = reader.article(page).locator("iframe");
    assert.equal(await frame.getAttribute("sandbox"), "allow-popups allow-popups-to-escape-sandbox");
    await reader.mail(page).getByRole("heading", { name: "The winter issue is here" }).waitFor();
    await page.getByRole("button", { name: "Load remote images" }).click();
    await page.getByRole("button", { name: "Load remote images" }).waitFor({ state: "detached" });
    const asked = await sent(page, "mail.open");
    assert.deepEqual(asked.map(({ remoteImages }) => remoteImages), [false, true]);
    await page.close();
  });

  test("marks an opened message as read, and can undo that", async () => {
    const page = await visit({ mailboxes: ONE, messages: MESSAGES });
    const row = reader.row(page, "seventh wheel");
    await row.filter({ hasText: "Unread" }).waitFor();
    await row.click();
    await reader.article(page).waitFor();
    await row.filter({ hasNotText: "Unread" }).waitFor();
    await page.getByRole("button", { name: "Mark as unread" }).click();
    await row.filter({ hasText: "Unread" }).waitFor();
    await page.close();
  });

  test("asks for a password that is missing or was refused", async () => {
    const page = await visit({ mailboxes: ONE, messages: MESSAGES, hold: ["check.start", "mailbox.setPassword"] });
    await page.getByRole("button", { name: "Check mail" }).click();
    await finish(page, { type: "passwordNeeded" });
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Password", { exact: true }).fill("wrong");
    await dialog.getByRole("button", { name: "Log in" }).click();
    await reader.checking(page).waitFor();
    await finish(page, { type: "failed", newMessages: 0, problem: { kind: "wrongCredentials", detail: "[AUTH] no" } });
    await reader.hears(page, "[AUTH] no");
    await page.getByRole("button", { name: "Enter the password again" }).click();
    await dialog.getByText("refused the last password").waitFor();
    await dialog.getByLabel("Password", { exact: true }).fill("right");
    await dialog.getByRole("button", { name: "Log in" }).click();
    await finish(page, { type: "done", newMessages: 3, skipped: 0 });
    await reader.hears(page, "3 new messages");
    const passwords = await sent(page, "mailbox.setPassword");
    assert.deepEqual(passwords.map(({ password }) => password), ["wrong", "right"]);
    assert.equal(await page.getByRole("alert").count(), 0);
    await page.close();
  });

  test("removes a mailbox only after confirmation", async () => {
    const page = await visit({ mailboxes: ONE, messages: MESSAGES });
    await page.getByRole("button", { name: "Remove mailbox ada@example.org" }).click();
    const dialog = page.getByRole("dialog", { name: "Remove this mailbox?" });
    await dialog.getByText("Nothing changes on the mail server").waitFor();
    await dialog.getByRole("button", { name: "Keep it" }).click();
    assert.deepEqual(await sent(page, "mailbox.remove"), []);
    await page.getByRole("button", { name: "Remove mailbox ada@example.org" }).click();
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await reader.form(page).submit.waitFor();
    await page.close();
  });

  test("always shows that a mailbox is not encrypted, and that mail is not saved", async () => {
    const open = [mailbox(1, "ada@example.org", { encryption: "none", port: 110 })];
    const page = await visit({ mailboxes: open, messages: MESSAGES, storage: "memory" });
    await page.getByText("not encrypted").waitFor();
    await page.getByText("Mail is not saved in this window.").waitFor();
    await page.close();
  });

  test("throws no uncaught error", () => {
    assert.deepEqual(errors, []);
  });
});

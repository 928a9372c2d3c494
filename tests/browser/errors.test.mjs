// Each problem has an explanation and advice, and leaves the page usable.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot } from "./support/dovecot.mjs";
import { before, test } from "./support/limits.mjs";
import { reservePort, shared } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

// Starts a server that sends this text to each client, and nothing else.
async function startServerThatSays(t, words) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write(words);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return server.address().port;
}

// A name that never resolves: names below `invalid` are reserved (RFC 6761).
const UNKNOWN_HOST = "no-such-host.invalid";

describe("a mailbox that cannot be added", () => {
  const t = shared();
  let bridge;
  let dovecot;
  let page;
  let closed;
  let imap;
  let web;

  before(async () => {
    dovecot = await startDovecot(t, ["Subject: one\r\n\r\none\r\n"]);
    closed = await reservePort(t);
    web = await startServerThatSays(t, "HTTP/1.1 400 Bad Request\r\n\r\n");
    imap = await startServerThatSays(t, "* OK IMAP4rev1 ready\r\n");
    const ports = [dovecot.ports.tls, dovecot.ports.stls, closed, web, imap];
    const allow = ports.map((port) => `${HOST}:${port}=127.0.0.1`);
    bridge = await startBridge(t, { allow: [...allow, `${UNKNOWN_HOST}:995`] });
    ({ page } = await startBrowser(t));
  });

  const attempt = async (changes) => {
    await reader.visit(page, bridge.url);
    await reader.addMailbox(page, {
      user: USER,
      password: PASSWORD,
      server: HOST,
      port: dovecot.ports.tls,
      encryption: "TLS",
      ca: dovecot.caPem,
      ...changes,
    });
    const alert = page.getByRole("alert").filter({ hasText: /\S/ }).first();
    await alert.waitFor();
    const text = await alert.innerText();
    // The form still has its contents, and no mailbox was added.
    await reader.holds(reader.form(page).server, changes.server ?? HOST);
    assert.equal(await reader.messages(page).count(), 0);
    return text;
  };

  test("wrong password", async () => {
    assert.match(await attempt({ password: "wrong" }), /user name or (the )?password/i);
  });

  test("unknown host", async () => {
    const text = await attempt({ server: UNKNOWN_HOST, port: 995 });
    assert.match(text, /no mail server with this name/i);
  });

  test("no server listens", async () => {
    assert.match(await attempt({ port: closed }), /no mail server is listening on this port/i);
  });

  test("refused by the bridge's policy", async () => {
    const text = await attempt({ server: "127.0.0.1", port: 25 });
    assert.match(text, /bridge is not allowed/i);
  });

  test("a certificate of an unknown authority, with issuer and reason", async () => {
    const text = await attempt({ ca: "" });
    assert.match(text, /could not prove its identity/i);
    assert.match(text, /Restante tests/);
    assert.match(text, /trusted CA/i);
  });

  test("a trusted CA that is not a certificate, but has the form of one", async () => {
    const ca = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    assert.match(await attempt({ ca }), /not a certificate that can be read/i);
  });

  test("invalid values are reported at their fields before an attempt", async () => {
    await reader.visit(page, bridge.url);
    await reader.addMailbox(page, {
      user: USER,
      password: PASSWORD,
      server: HOST,
      port: 70_000,
      encryption: "TLS",
      ca: "not a certificate",
    });
    const { port, ca } = reader.form(page);
    for (const [field, words] of [
      [port, /from 1 to 65535/],
      [ca, /BEGIN CERTIFICATE/],
    ]) {
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      const note = await field.getAttribute("aria-describedby");
      assert.match(await page.locator(`#${note}`).innerText(), words);
    }
  });

  test("a server that does not speak TLS", async () => {
    assert.match(await attempt({ port: web }), /encrypted connection|TLS/i);
  });

  test("a server that does not speak POP3", async () => {
    assert.match(await attempt({ port: imap, encryption: "STLS" }), /does not speak POP3/i);
  });

  test("correct settings work after all these attempts", async () => {
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
    assert.equal(await reader.messageCount(page), 1);
  });

  test("the bridge cannot be reached, and then comes back", async () => {
    await bridge.stop();
    await page.getByRole("button", { name: "Check mail" }).click();
    await reader.hears(page, /bridge to the mail servers cannot be reached/i);
    assert.equal(await reader.messageCount(page), 1);
    await bridge.startAgain();
    await page.getByRole("button", { name: "Check mail" }).click();
    await reader.hears(page, "No new mail");
  });

  test("the mail server delivers new mail, and then is gone", async () => {
    dovecot.deliver("Subject: two\r\n\r\ntwo\r\n");
    await page.getByRole("button", { name: "Check mail" }).click();
    await reader.hears(page, "1 new message");
    assert.equal(await reader.messageCount(page), 2);
    await dovecot.stop();
    await page.getByRole("button", { name: "Check mail" }).click();
    await reader.hears(page, /no mail server is listening on this port/i);
    assert.equal(await reader.messageCount(page), 2);
  });
});

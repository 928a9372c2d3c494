// Remembered passwords: sealed in the files of the browser's profile, and sent only to the server that
// they were given for.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot } from "./support/dovecot.mjs";
import { test } from "./support/limits.mjs";
import { temporaryFolder } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const MARK = "A subject that the store keeps in clear text";
const MESSAGE = `Subject: ${MARK}\r\n\r\nA letter.\r\n`;

// Returns the files of a folder that contain one of these texts, in any encoding that a browser uses.
function filesWith(folder, ...texts) {
  const forms = texts.flatMap((text) => [
    Buffer.from(text, "utf8"),
    Buffer.from(text, "utf16le"),
    Buffer.from(Buffer.from(text).toString("base64").replace(/=+$/, "")),
  ]);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return files.filter((file) => {
    const bytes = readFileSync(file);
    return forms.some((form) => bytes.includes(form));
  });
}

async function start(t) {
  const dovecot = await startDovecot(t, [MESSAGE]);
  const { tls, stls } = dovecot.ports;
  const bridge = await startBridge(t, { allow: [tls, stls].map((port) => `${HOST}:${port}=127.0.0.1`) });
  const profile = await temporaryFolder(t);
  const account = { user: USER, password: PASSWORD, server: HOST, port: tls, encryption: "TLS", ca: dovecot.caPem };
  // Opens the page in the profile, as after a restart of the browser.
  const open = async () => {
    const browser = await startBrowser(t, { profile });
    await browser.page.goto(bridge.url);
    return browser;
  };
  return { dovecot, bridge, profile, account, open };
}

const passwordDialog = (page) => page.getByRole("dialog").getByLabel("Password", { exact: true });

async function checkWithoutAsking(page) {
  await reader.messages(page).waitFor();
  await page.getByRole("button", { name: "Check mail" }).click();
  await reader.hears(page, "No new mail");
  assert.equal(await passwordDialog(page).count(), 0);
}

test("a remembered password is in no file of the profile, and is used after a restart", async (t) => {
  const { account, profile, open } = await start(t);
  const first = await open();
  await reader.addMailbox(first.page, account);
  await reader.allArrived(first.page);
  await first.close();
  assert.notDeepEqual(filesWith(profile, MARK), [], "the search reads the store");
  assert.deepEqual(filesWith(profile, PASSWORD), []);

  const second = await open();
  await checkWithoutAsking(second.page);
  await second.close();
  assert.deepEqual(filesWith(profile, PASSWORD), []);
});

test("a password is not remembered unless the user asks for it", async (t) => {
  const { account, profile, open } = await start(t);
  const first = await open();
  await reader.form(first.page).remember.waitFor();
  assert.equal(await reader.form(first.page).remember.isChecked(), false);
  await reader.addMailbox(first.page, { ...account, remember: false });
  await reader.allArrived(first.page);
  await first.close();
  assert.deepEqual(filesWith(profile, PASSWORD), []);

  const second = await open();
  await reader.messages(second.page).waitFor();
  await second.page.getByRole("button", { name: "Check mail" }).click();
  await passwordDialog(second.page).waitFor();
});

// Replaces the accounts by those of the first version, which had passwords in clear text. Runs in a
// worker of the page's origin.
const storeFirstVersion = async (account) => {
  const utf8 = (text) => new TextEncoder().encode(text);
  const number = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)]);
  const string = (text) => [...number(utf8(text).length), ...utf8(text)];
  const some = (text) => [1, ...string(text)];
  const crc32 = (bytes) => {
    let crc = ~0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
  };
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("restante");
  for (const [position, name] of ["accounts.a", "accounts.b"].entries()) {
    const file = await (await folder.getFileHandle(name)).createSyncAccessHandle();
    // The mailbox's number follows checksum, generation, format and the number of accounts.
    const start = new Uint8Array(15);
    file.read(start, { at: 0 });
    const content = [
      ...[0, 1, start[14]],
      ...[...string(account.user), ...string(account.user), ...string(account.server)],
      ...[...number(account.port), 0, ...some(account.ca), 0],
      ...some(account.password),
    ];
    const copy = [...[200 + position, 0, 0, 0, 0, 0, 0, 0], ...content];
    const whole = new Uint8Array(4 + copy.length);
    new DataView(whole.buffer).setUint32(0, crc32(copy), true);
    whole.set(copy, 4);
    file.write(whole, { at: 0 });
    file.truncate(whole.length);
    file.flush();
    file.close();
  }
};

test("a password that an earlier version stored in clear text is sealed and overwritten", async (t) => {
  const { account, bridge, profile, open } = await start(t);
  const first = await open();
  await reader.addMailbox(first.page, account);
  await reader.allArrived(first.page);
  // A page of the same origin that does not hold the store.
  await first.context.route("**/bare", (route) => route.fulfill({ contentType: "text/html", body: "<title>bare</title>" }));
  const bare = await first.context.newPage();
  await bare.goto(new URL("bare", bridge.url).href);
  assert.equal(await bare.title(), "bare");
  await first.page.goto("about:blank");
  const script = `onmessage = ({ data }) => (${storeFirstVersion})(data).then(() => postMessage("done"), (error) => postMessage(String(error)))`;
  const done = await bare.evaluate(
    ([script, account]) =>
      new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(account);
      }),
    [script, account],
  );
  assert.equal(done, "done");
  await first.close();
  assert.notDeepEqual(filesWith(profile, PASSWORD), [], "the search finds a password in clear text");

  const second = await open();
  await checkWithoutAsking(second.page);
  await second.close();
  assert.deepEqual(filesWith(profile, PASSWORD), []);

  const third = await open();
  await checkWithoutAsking(third.page);
});

test("a password is asked for again before it is sent to another server", async (t) => {
  const { account, dovecot, open } = await start(t);
  const { page } = await open();
  await reader.addMailbox(page, account);
  await reader.allArrived(page);
  await page.getByRole("button", { name: /^Connection of/ }).click();
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByRole("heading", { name: "Mailbox settings" }).waitFor();
  await reader.form(page).encryption.selectOption({ label: "STLS" });
  await reader.form(page).port.fill(String(dovecot.ports.stls));
  await page.getByRole("button", { name: "Save and check mail" }).click();
  await passwordDialog(page).fill(PASSWORD);
  await page.getByRole("dialog").getByRole("button", { name: "Log in" }).click();
  await reader.hears(page, "No new mail");
});

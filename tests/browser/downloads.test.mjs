// A downloaded attachment runs nothing, even if its blob is opened by its address.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot } from "./support/dovecot.mjs";
import { before, test } from "./support/limits.mjs";
import { shared } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

// Announces on a channel of the origin that it ran.
const SCRIPT = `new BroadcastChannel("ran").postMessage(location.href)`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${SCRIPT.replaceAll('"', "'")}"><script>${SCRIPT}</script></svg>`;
const HTML = `<!doctype html><title>ran</title><script>${SCRIPT}</script>`;
const XHTML = `<html xmlns="http://www.w3.org/1999/xhtml"><script>${SCRIPT}</script></html>`;

const FILES = [
  { name: "page.html", type: "text/html", text: HTML },
  { name: "picture.svg", type: "image/svg+xml", text: SVG },
  { name: "page.xhtml", type: "application/xhtml+xml", text: XHTML },
  { name: "drawing.png", type: "image/png", text: HTML },
];

const message = [
  "From: sender@example.org",
  "Subject: Files that run",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  ...["--b", "Content-Type: text/plain", "", "Files are attached."],
  ...FILES.flatMap(({ name, type, text }) => [
    "--b",
    `Content-Type: ${type}`,
    `Content-Disposition: attachment; filename="${name}"`,
    "",
    text,
  ]),
  "--b--",
  "",
].join("\r\n");

describe("downloads", () => {
  const t = shared();
  let context;
  let page;

  before(async () => {
    const dovecot = await startDovecot(t, [message]);
    const bridge = await startBridge(t, { allow: [`${HOST}:${dovecot.ports.tls}=127.0.0.1`] });
    ({ context, page } = await startBrowser(t));
    await page.addInitScript(() => {
      if (!location.protocol.startsWith("http")) return;
      window.ran = [];
      new BroadcastChannel("ran").onmessage = ({ data }) => window.ran.push(data);
      window.blobs = [];
      const create = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        const address = create.call(URL, blob);
        window.blobs.push({ address, type: blob.type });
        return address;
      };
    });
    await reader.visit(page, bridge.url);
    await reader.addMailbox(page, {
      user: USER, password: PASSWORD, server: HOST, port: dovecot.ports.tls, encryption: "TLS", ca: dovecot.caPem,
    });
    await reader.allArrived(page);
    await reader.open(page, "Files that run");
  });

  // Opens an address in a new tab of the page's origin, and closes the tab when the load has ended.
  const visit = async (address) => {
    const opened = context.waitForEvent("page");
    await page.evaluate((address) => void window.open(address), address);
    const tab = await opened;
    // A blob that becomes a download ends its navigation without a load.
    await Promise.race([
      tab.waitForLoadState("load").catch(() => {}),
      tab.waitForEvent("download").catch(() => {}),
    ]);
    await tab.evaluate(() => document.readyState).catch(() => {});
    await tab.close();
  };

  const ran = () => page.evaluate(() => window.ran);

  test("a blob of a sender's type would be a page of this origin", async () => {
    const address = await page.evaluate(
      (html) => URL.createObjectURL(new Blob([html], { type: "text/html" })),
      HTML,
    );
    const opened = context.waitForEvent("page");
    await page.evaluate((address) => void window.open(address), address);
    const tab = await opened;
    await tab.waitForLoadState();
    assert.equal(await tab.title(), "ran");
    assert.equal(new URL(tab.url()).origin, new URL(page.url()).origin);
    await tab.close();
  });

  for (const { name, text } of FILES) {
    test(`${name} is downloaded unchanged, and does not run at its address`, async () => {
      const control = reader.attachments(page).getByRole("button", { name: `Download ${name}` });
      const file = await reader.download(page, control);
      assert.equal(file.octets.toString().trimEnd(), text);
      const { address, type } = await page.evaluate(() => window.blobs.at(-1));
      assert.equal(type, "application/octet-stream");
      await visit(address);
      assert.deepEqual(await ran(), []);
    });
  }
});

// Hostile mail runs no script and causes no request, and each layer of protection works alone.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { before, test } from "./support/limits.mjs";
import { shared } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const ROOMS = 8;

describe("hostile mail", () => {
  const t = shared();
  let page;
  let strangers;
  let quiet;

  before(async () => {
    const bridge = await startBridge(t, { demo: true });
    ({ page, strangers, quiet } = await startBrowser(t));
    await reader.visit(page, bridge.url);
    await reader.tryDemo(page);
  });

  const pwned = () =>
    Promise.all(page.frames().map((frame) => frame.evaluate(() => window.__pwned)));

  // Waits long enough for a script, a refresh or a picture to have an effect.
  const settle = async () => {
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    await quiet();
  };

  for (let room = 1; room <= ROOMS; room += 1) {
    test(`room ${room} of the museum runs no script and causes no request`, async () => {
      const address = page.url().replace(/#.*/, "");
      await reader.open(page, `Museum of Bad Mail, room ${room}`);
      await settle();
      // A user may hover and click.
      const body = reader.mail(page).locator("body");
      if (await reader.article(page).locator("iframe").count()) {
        await body.hover();
        await body.click({ position: { x: 5, y: 5 } });
        for (const link of await reader.mail(page).locator("a:visible").all()) await link.hover({ force: true });
      }
      await settle();
      assert.deepEqual((await pwned()).filter(Boolean), []);
      assert.deepEqual(strangers(), []);
      assert.equal(page.url().replace(/#.*/, ""), address);
    });
  }

  test("the button for remote images loads only images over TLS", async () => {
    await reader.open(page, "Museum of Bad Mail, room 1");
    const button = page.getByRole("button", { name: "Load remote images" });
    const before = strangers().length;
    if (await button.count()) {
      await button.click();
      await settle();
    }
    const after = strangers().slice(before);
    for (const name of ["script", "module", "style", "prefetch", "preconnect", "refresh", "base", "top"]) {
      assert.deepEqual(after.filter((asked) => asked.includes(`${name}.evil.example`)), [], name);
    }
    assert.deepEqual((await pwned()).filter(Boolean), []);
  });

  // A policy prevents a frame in the mail from loading, but Chromium still connects to its host.
  // Only the sanitiser prevents that, by removing the frame.
  test("the sanitiser removes all frames, forms and other active elements", async () => {
    for (let room = 1; room <= ROOMS; room += 1) {
      await reader.open(page, `Museum of Bad Mail, room ${room}`);
      const names = await reader
        .article(page)
        .locator("iframe")
        .evaluateAll((frames) =>
          frames.flatMap((frame) => {
            const mail = new DOMParser().parseFromString(frame.srcdoc, "text/html");
            return Array.from(mail.body.querySelectorAll("*"), (element) => element.localName);
          }),
        );
      const refused = /^(script|iframe|frame|object|embed|form|input|button|link|meta|base|svg|math|template|portal|video|audio)$/;
      assert.deepEqual(names.filter((name) => refused.test(name)), [], `room ${room}`);
    }
  });

  // Each layer alone, with a document that the other layers would have blocked.
  const ATTACK = `<script>window.__pwned = "script"; parent.__pwned = "script"</script>
    <img src="https://image.evil.example/x.png" onerror="window.__pwned = 'handler'">
    <link rel="stylesheet" href="https://style.evil.example/x.css">
    <style>@import url(https://import.evil.example/x.css)</style><p>arrived</p>`;

  // Returns the sandbox of a message's frame, and the policy in its document.
  const frameOfMail = async () => {
    await reader.open(page, "Museum of Bad Mail, room 1");
    return reader.article(page).locator("iframe").evaluate((frame) => ({
      sandbox: frame.getAttribute("sandbox"),
      policy: /<meta[^>]*http-equiv="?content-security-policy"?[^>]*>/i.exec(frame.srcdoc ?? "")?.[0],
    }));
  };

  // Puts a document into a frame on a page without a policy. Returns the scripts that ran and the
  // requests.
  const attack = async ({ sandbox, policy }) => {
    const { page: bare, strangers: asked, quiet: settled } = await startBrowser(t);
    await bare.route("http://127.0.0.1:1/", (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>bare</title>" }),
    );
    await bare.goto("http://127.0.0.1:1/");
    await bare.evaluate(
      ([sandboxed, document_]) => {
        const frame = document.createElement("iframe");
        if (sandboxed !== null) frame.setAttribute("sandbox", sandboxed);
        frame.srcdoc = document_;
        document.body.append(frame);
      },
      [sandbox, `<!doctype html><head>${policy}</head><body>${ATTACK}</body>`],
    );
    await bare.frameLocator("iframe").getByText("arrived").waitFor();
    await settled();
    const scripts = await Promise.all(
      bare.frames().map((frame) => frame.evaluate(() => window.__pwned).catch(() => undefined)),
    );
    return { scripts: scripts.filter(Boolean), asked: asked() };
  };

  test("without any layer, the attack succeeds", async () => {
    const { scripts, asked } = await attack({ sandbox: null, policy: "" });
    assert.notDeepEqual(scripts, []);
    assert.notDeepEqual(asked, []);
  });

  test("the sandbox alone blocks scripts", async () => {
    const { sandbox } = await frameOfMail();
    assert.notEqual(sandbox, null, "the frame has a sandbox");
    assert.doesNotMatch(sandbox, /allow-scripts|allow-same-origin|allow-forms|allow-top-navigation(?!-by)/);
    const { scripts } = await attack({ sandbox, policy: "" });
    assert.deepEqual(scripts, []);
  });

  test("the frame's policy alone blocks scripts and requests", async () => {
    const { policy } = await frameOfMail();
    assert.ok(policy, "the document carries a policy");
    const { scripts, asked } = await attack({ sandbox: null, policy });
    assert.deepEqual(scripts, []);
    assert.deepEqual(asked, []);
  });

  test("the page is served with a policy that blocks foreign scripts", async () => {
    const answer = await page.request.get(page.url().replace(/#.*/, ""));
    const policy = answer.headers()["content-security-policy"] ?? "";
    assert.match(policy, /default-src 'none'|default-src 'self'/);
    assert.match(policy, /script-src[^;]*'self'/);
    assert.doesNotMatch(policy, /script-src[^;]*('unsafe-inline'|'unsafe-eval'|\*|https:)/);
  });
});

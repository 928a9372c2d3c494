// HTML mail in the real page: its texts can be read on what is behind them, its links lead where
// they say, and doubtful senders are shown as such.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot } from "./support/dovecot.mjs";
import { before, test } from "./support/limits.mjs";
import { given, shared, until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

// The least contrast of a text that is not nearly the colour of its background.
const LEAST_CONTRAST = 1.9;

let minute = 0;
const message = (subject, html, { from = "Lena Falk <lena@falk.example>", top = "" } = {}) => {
  minute += 1;
  return `${top}From: ${from}\r
To: reader@restante.test\r
Subject: ${subject}\r
Date: Mon, 2 Nov 2026 10:${String(minute).padStart(2, "0")}:00 +0000\r
Message-ID: <${minute}@falk.example>\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
${html}\r
`;
};

const COLOURS = {
  "Hero without picture": `<table><tr><td style="background:url(https://img.example/a.jpg) center;color:#fff"><h1>Pale words</h1></td></tr></table>`,
  "Hero with colour": `<table><tr><td style="background:#203040 url('https://img.example/b.jpg') no-repeat;color:#fff">Words on blue</td></tr></table>`,
  "Words for dark screens": `<style>@media (prefers-color-scheme:dark){p{color:#fff!important}}</style><p style="color:#222">Dark words</p>`,
  "Dark sheet": `<style>body{background:#111}.card{background:#fff}</style><p>On the dark</p><div class="card">On the card <a href="https://a.example/">a link</a></div>`,
  "Old attributes": `<body bgcolor="navy"><font color="#000044">Blue on blue</font><table bgcolor="white"><tr><td><font color="ivory">Ivory</font></td></tr></table>`,
  "Gradient button": `<a href="https://a.example/" style="background:linear-gradient(#111,#333);color:#fff;padding:9px">Press</a>`,
  "Plain words": `<p>No colours at all, with <a href="https://a.example/">a link</a> and <mark>a mark</mark>.</p>`,
};

const MESSAGES = [
  ...Object.entries(COLOURS).map(([subject, html]) => message(subject, html)),
  message(
    "Places in a mail",
    `<a href="#end">To the end</a>${"<p>filler</p>".repeat(200)}<h2 id="end">The end</h2><a href="http:?x">nowhere</a>
     <a href="www.shop.example/x">shop</a>`,
  ),
  message("Your account", `<p><a href="https://evil.example/login">www.bank.com</a></p>`, {
    from: `"service@bank.com" <x@evil.example>`,
    top: "Authentication-Results: mx.restante.test; dmarc=fail\r\n",
  }),
];

// Returns the texts of a frame whose colour is nearly that of what is behind them.
const illegible = (least) => {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = ([r, g, b, a = 1], behind) => [r, g, b].map((value, at) => value * a + behind[at] * (1 - a));
  const isDark =
    matchMedia("(prefers-color-scheme: dark)").matches &&
    document.querySelector("meta[name=color-scheme]").content === "light dark";
  const back = (element) => {
    if (!element) return isDark ? [18, 18, 18] : [255, 255, 255];
    const style = getComputedStyle(element);
    const behind = back(element.parentElement);
    const gradient = style.backgroundImage.match(/rgba?\([^)]*\)/);
    if (gradient) return over(numbers(gradient[0]), behind);
    return over(numbers(style.backgroundColor), behind);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (!data.trim() || !parentElement.checkVisibility()) continue;
    const behind = back(parentElement);
    const text = over(numbers(getComputedStyle(parentElement).color), behind);
    const [a, b] = [luminance(text) + 0.05, luminance(behind) + 0.05];
    const contrast = Math.max(a, b) / Math.min(a, b);
    if (contrast < least) found.push(`${data.trim()}: ${contrast.toFixed(2)}`);
  }
  return found;
};

describe("HTML mail", () => {
  const t = shared();
  let page;
  let strangers;

  before(async () => {
    mkdirSync(given("RESTANTE_ARTIFACTS"), { recursive: true });
    const dovecot = await startDovecot(t, MESSAGES);
    const bridge = await startBridge(t, { allow: [`${HOST}:${dovecot.ports.tls}=127.0.0.1`] });
    ({ page, strangers } = await startBrowser(t, { viewport: { width: 1440, height: 900 } }));
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
  });

  const frame = async () => {
    const handle = await reader.article(page).locator("iframe").elementHandle();
    return handle.contentFrame();
  };

  const look = async (name) => {
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.screenshot({ path: join(given("RESTANTE_ARTIFACTS"), `html-${name}-${width}-${colorScheme}.png`) });
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: "light" });
  };

  for (const subject of Object.keys(COLOURS)) {
    test(`the words of "${subject}" can be read on what is behind them`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await reader.open(page, subject);
        await reader.mail(page).locator("body").waitFor();
        assert.deepEqual(await (await frame()).evaluate(illegible, LEAST_CONTRAST), [], colorScheme);
      }
      await look(subject.toLowerCase().replaceAll(" ", "-"));
    });
  }

  test("a blocked picture of a background counts as a remote image", async () => {
    await reader.open(page, "Hero with colour");
    await page.getByRole("button", { name: "Load remote images" }).waitFor();
    assert.deepEqual(strangers(), []);
  });

  test("a link to a place scrolls the mail, and one step leads back to the list", async () => {
    await reader.open(page, "Places in a mail");
    const mail = reader.mail(page);
    await mail.getByText("To the end").click();
    const inner = await frame();
    await until("the mail has scrolled", () => inner.evaluate(() => scrollY > 500));
    const links = await inner.evaluate(() => Array.from(document.links, (link) => link.href));
    assert.deepEqual(links, ["about:srcdoc#end", "https://www.shop.example/x"]);
    await page.getByRole("button", { name: "Back" }).click();
    await reader.article(page).waitFor({ state: "detached" });
  });

  test("a link that hides its host shows it, and leads there only after a question", async () => {
    await reader.open(page, "Your account");
    const mail = reader.mail(page);
    await mail.getByText("[evil.example]").waitFor();
    const real = mail.getByRole("link", { name: "https://evil.example/login" });
    assert.equal(await real.isVisible(), false);
    await mail.getByRole("link", { name: "www.bank.com" }).click();
    await real.waitFor();
    await mail.getByText("This link leads to").waitFor();
    assert.deepEqual(strangers(), []);
  });

  test("a doubtful sender is shown with the address, in the list and in one strip", async () => {
    await reader.row(page, "x@evil.example (service@bank.com)").waitFor();
    await reader.open(page, "Your account");
    const strip = reader.article(page).getByRole("note");
    assert.match(await strip.innerText(), /name shows service@bank\.com.*According to mx\.restante\.test/s);
    await look("doubts");
    await strip.getByRole("button", { name: "Trust this server" }).click();
    await strip.getByText("mx.restante.test could not confirm").waitFor();
    assert.equal(await strip.getByRole("button").count(), 0);
  });
});

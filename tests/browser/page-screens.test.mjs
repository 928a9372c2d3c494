// Every state of the page at three widths, light and dark: kept as pictures, and checked for what
// assistive technology would stumble over and for what does not fit.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, describe, test } from "node:test";

import { startBrowser } from "./support/browser.mjs";
import { given, shared } from "./support/machine.mjs";
import { MESSAGES } from "./support/mail.mjs";
import { finish, mailbox, say, serveClient, visitWith } from "./support/page.mjs";
import * as reader from "./support/reader.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [
  [360, 740],
  [768, 1024],
  [1440, 900],
];
const TWO = [
  mailbox(1, "ada@example.org"),
  mailbox(2, "the.analytical.engine.society@lists.example.net", { encryption: "none", port: 110 }),
];
const MAIL = { mailboxes: TWO, messages: MESSAGES };
const PROGRESS = {
  mailbox: 1, stage: "fetching", messagesDone: 412, messagesTotal: 1_204,
  octetsDone: 24_500_000, octetsTotal: 81_000_000, octetsPerSecond: 2_100_000,
};

const open = (text) => async (page) => {
  await reader.open(page, text);
};

// Name, what the engine is, and what happens then.
const STATES = [
  ["first-run", {}],
  [
    "form-faults",
    {},
    async (page) => {
      await reader.form(page).encryption.selectOption("None");
      await reader.form(page).submit.click();
    },
  ],
  [
    "form-progress",
    { hold: ["addMailbox"] },
    async (page) => {
      await page.getByRole("button", { name: "Try the demo mailbox" }).click();
      await reader.checking(page).waitFor();
    },
  ],
  [
    "form-refused",
    { refuse: { kind: "certificateNotTrusted", detail: "issuer Example Society CA: unknown issuer" } },
    async (page) => {
      await reader.form(page).address.fill("ada@example.org");
      await reader.form(page).password.fill("hunter2");
      await reader.form(page).submit.click();
      await page.getByRole("alert").waitFor();
    },
  ],
  ["opening", { start: "silent", expects: true }],
  ["occupied", { start: "occupied" }],
  ["unusable", { start: "unusable", unusable: { kind: "storageFailed", detail: "the store is of a newer version" } }],
  ["no-engine", { start: "absent" }, (page) => page.getByRole("button", { name: "Reload" }).waitFor()],
  ["list", MAIL],
  ["list-long", { mailboxes: TWO, count: 50_000 }],
  ["list-empty", { mailboxes: TWO.slice(0, 1), messages: [] }, (page) => page.getByText("No mail yet").waitFor()],
  [
    "search-empty",
    MAIL,
    async (page) => {
      await reader.search(page).fill("zzz");
      await page.getByText("Nothing found", { exact: true }).waitFor();
    },
  ],
  ["message-text", MAIL, open("The seventh wheel")],
  [
    "message-html",
    MAIL,
    async (page) => {
      await open("The winter issue is here")(page);
      await reader.mail(page).getByRole("heading").first().waitFor();
    },
  ],
  ["message-attachments", MAIL, open("Photographs from Saturday")],
  ["message-empty", MAIL, open("No subject")],
  [
    "source",
    MAIL,
    async (page) => {
      await open("The seventh wheel")(page);
      await page.getByRole("button", { name: "View source" }).click();
      await page.getByLabel("Source", { exact: true }).waitFor();
    },
  ],
  ["checking", MAIL, (page) => say(page, { type: "progress", progress: PROGRESS })],
  [
    "check-failed",
    { ...MAIL, healed: ["spoolTailCut", "indexRebuilt"] },
    (page) => finish(page, { type: "failed", newMessages: 2, problem: { kind: "wrongCredentials", detail: "[AUTH] Authentication failed." } }),
  ],
  ["nothing-kept", { ...MAIL, storage: "memory" }],
  [
    "password",
    MAIL,
    async (page) => {
      await finish(page, { type: "passwordNeeded" });
      await page.getByRole("dialog").waitFor();
    },
  ],
  [
    "mailboxes",
    MAIL,
    async (page) => {
      const menu = page.getByRole("button", { name: "Mailboxes", exact: true });
      if (await menu.isVisible()) await menu.click();
      await page.getByRole("navigation", { name: "Mailboxes" }).waitFor();
    },
  ],
  [
    "remove",
    MAIL,
    async (page) => {
      const menu = page.getByRole("button", { name: "Mailboxes", exact: true });
      if (await menu.isVisible()) await menu.click();
      await page.getByRole("button", { name: "Remove mailbox ada@example.org" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  [
    "add-another",
    MAIL,
    async (page) => {
      await page.getByRole("button", { name: "Add mailbox" }).click();
      await page.getByRole("heading", { name: "Add a mailbox" }).waitFor();
    },
  ],
];

async function problems(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { iframes: false, resultTypes: ["violations"] }),
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (wide > 0) found.push(`${wide} px too wide`);
  return found;
}

describe("the page's states", () => {
  const t = shared();
  const folder = join(given("RESTANTE_ARTIFACTS"), "screenshots");
  let url;
  let context;

  before(async () => {
    mkdirSync(folder, { recursive: true });
    url = await serveClient(t);
    ({ context } = await startBrowser(t));
  });

  for (const [name, engine, prepare] of STATES) {
    test(name, async () => {
      const found = [];
      for (const [width, height] of SIZES) {
        const page = await visitWith(context, url, engine, { width, height });
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        await prepare?.(page);
        await page.waitForFunction(() => !document.querySelector("[role=grid][aria-busy=true], .row.is-loading") || window.fakeEngineOptions.expects);
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await page.screenshot({ path: join(folder, `page-${name}-${width}-${colorScheme}.png`) });
          found.push(...(await problems(page)).map((problem) => `${width} ${colorScheme}: ${problem}`));
        }
        await page.close();
      }
      assert.deepEqual(found, []);
    });
  }
});

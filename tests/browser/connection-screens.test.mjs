// Screenshots and checks of every state of the page "Connection" and of a mailbox's settings.

import { describe } from "node:test";

import { REPORT } from "./support/connection.mjs";
import { lookAt } from "./support/looks.mjs";
import { MESSAGES } from "./support/mail.mjs";
import { finish, mailbox, say } from "./support/page.mjs";
import * as reader from "./support/reader.mjs";

const now = Math.floor(Date.now() / 1000);
const TWO = [
  { ...mailbox(1, "ada@example.org"), nextCheck: now + 240 },
  mailbox(2, "the.analytical.engine.society@lists.example.net", { encryption: "none", port: 110 }),
];
const HERE = { mailboxes: TWO, messages: MESSAGES, hash: "#mailbox=1&connection" };
const FULL = { ...HERE, report: REPORT };

const tab = (name) => async (page) => {
  await page.getByRole("tab", { name }).click();
};
const open = async (page) => {
  await tab("Console")(page);
  await page.getByRole("button", { name: "Open the console" }).click();
};
const type = async (page, line) => {
  await page.getByLabel("Command").fill(line);
  await page.keyboard.press("Enter");
};

const STATES = [
  ["sessions", FULL, (page) => page.getByRole("region", { name: "Transcript" }).waitFor()],
  ["sessions-none", HERE, (page) => page.getByText("No session yet").waitFor()],
  ["loading", { ...HERE, hold: ["report.load"] }],
  [
    "failed",
    { ...HERE, hold: ["report.load"] },
    (page) => say(page, { type: "requestFailed", request: 2, problem: { kind: "storageFailed", detail: "journal" } }),
  ],
  ["server", FULL, tab("Server")],
  ["server-unknown", HERE, tab("Server")],
  ["console", FULL, tab("Console")],
  ["console-opening", { ...FULL, hold: ["console.open"] }, open],
  [
    "console-open",
    FULL,
    async (page) => {
      await open(page);
      await type(page, "PASS hunter2");
      await page.getByRole("alert").filter({ hasText: "logged in already" }).waitFor();
    },
  ],
  [
    "console-confirm",
    FULL,
    async (page) => {
      await open(page);
      await type(page, "DELE 1");
      await page.getByRole("dialog").waitFor();
    },
  ],
  [
    "console-marked",
    FULL,
    async (page) => {
      await open(page);
      await type(page, "DELE 1");
      await page.getByRole("button", { name: "Mark it to be deleted" }).click();
      await page.getByText("1 message marked to be deleted").waitFor();
    },
  ],
  [
    "console-closed",
    FULL,
    async (page) => {
      await open(page);
      await say(page, {
        type: "console",
        mailbox: 1,
        change: { type: "closed", problem: { kind: "protocolBroken", detail: "a status line was expected", transcript: ["C: XTND", "S: what?"] } },
      });
      await page.getByText("The last lines of the session").click();
    },
  ],
  [
    "console-elsewhere",
    FULL,
    async (page) => {
      await open(page);
      await page.evaluate(() => {
        location.hash = "#mailbox=2&connection";
      });
      await tab("Console")(page);
      await page.getByText("open for another mailbox").waitFor();
    },
  ],
  [
    "settings",
    { ...HERE, hash: "#mailbox=1&settings" },
    async (page) => {
      await page.getByRole("heading", { name: "Mailbox settings" }).waitFor();
      await page.getByText("More settings").click();
      await page.getByLabel("Login").selectOption("OAUTHBEARER");
    },
  ],
  [
    "settings-unusual-port",
    { ...HERE, hash: "#mailbox=1&settings" },
    async (page) => {
      await reader.form(page).port.fill("995");
      await reader.form(page).encryption.selectOption("None");
    },
  ],
  [
    "check-postponed",
    { ...HERE, hash: "" },
    async (page) => {
      const menu = page.getByRole("button", { name: "Mailboxes", exact: true });
      await finish(page, { type: "postponed", until: now + 240 });
      if (await menu.isVisible()) await menu.click();
    },
  ],
  [
    "check-weakened",
    { ...HERE, hash: "" },
    (page) => finish(page, { type: "failed", newMessages: 0, problem: { kind: "loginWeakened", detail: "SCRAM-SHA-256 before, LOGIN now", retryAt: now + 300, transcript: ["C: CAPA", "S: +OK"] } }),
  ],
];

describe("the connection's states", () => lookAt(STATES.map(([name, ...rest]) => [`connection-${name}`, ...rest])));

// Screenshots and checks of every state of the page, at three widths, light and dark.

import { describe } from "node:test";

import { lookAt } from "./support/looks.mjs";
import { INVITATION, MESSAGES } from "./support/mail.mjs";
import { finish, mailbox, say } from "./support/page.mjs";
import * as reader from "./support/reader.mjs";

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

// The name of each state, the options of the fake engine, and the steps that follow.
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
    { hold: ["mailbox.add"] },
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
  [
    "message-recipients",
    { mailboxes: TWO, messages: [INVITATION] },
    async (page) => {
      await open("Invitation")(page);
      await reader.article(page).getByText("and 1,190 more").click();
    },
  ],
  ["message-empty", MAIL, open("No subject")],
  ["message-columns", MAIL, open("Timetable")],
  [
    "source",
    MAIL,
    async (page) => {
      await open("The seventh wheel")(page);
      await page.getByRole("button", { name: "View source" }).click();
      await page.getByLabel("Source", { exact: true }).waitFor();
    },
  ],
  ["checking", MAIL, (page) => say(page, { type: "check.progress", progress: PROGRESS })],
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
    "sign-in-asked",
    MAIL,
    async (page) => {
      await finish(page, { type: "failed", newMessages: 0, problem: { kind: "bridgeWantsSignIn" } });
      await page.getByRole("button", { name: "Sign in to the bridge" }).waitFor();
    },
  ],
  [
    "sign-in",
    MAIL,
    async (page) => {
      await finish(page, { type: "failed", newMessages: 0, problem: { kind: "bridgeWantsSignIn" } });
      await page.getByRole("button", { name: "Sign in to the bridge" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("User name").fill("ada");
      await dialog.getByLabel("Password").fill("correct horse");
      await dialog.getByRole("button", { name: "Sign in" }).click();
      // The server of this page has no sign-in, so it fails.
      await dialog.getByRole("alert").waitFor();
    },
  ],
  [
    "sign-in-token",
    { refuse: { kind: "bridgeWantsSignIn" } },
    async (page) => {
      await page.getByRole("button", { name: "Try the demo mailbox" }).click();
      await page.getByRole("button", { name: "Sign in to the bridge" }).click();
      await page.getByRole("button", { name: "Use a token" }).click();
      await page.getByLabel("Token").waitFor();
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

describe("the page's states", () => lookAt(STATES));

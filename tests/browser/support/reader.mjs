// The page as a user sees it: controls are found by their accessible names.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { until } from "./machine.mjs";

// Opens the first-run page at `url`.
export async function visit(page, url) {
  await page.goto(url);
  await page.getByRole("button", { name: "Try the demo mailbox" }).or(form(page).submit).first().waitFor();
}

export const messages = (page) => page.getByRole("grid", { name: "Messages" });
export const rows = (page) => messages(page).getByRole("row");
export const row = (page, text) => rows(page).filter({ hasText: text }).first();
export const article = (page) => page.getByRole("article", { name: "Message" });
export const mail = (page) => article(page).frameLocator("iframe");
export const attachedMessages = (page) => article(page).getByRole("list", { name: "Attached messages" });
export const attachments = (page) => article(page).getByRole("list", { name: "Attachments" });
export const search = (page) => page.getByRole("searchbox", { name: "Search mail" });
export const checking = (page) => page.getByRole("progressbar", { name: "Checking mail" });

// The page draws the effect of a key or a click a moment later: these functions wait for it.
export const holds = (field, value) =>
  until(`the field holds ${value}`, async () => (await field.inputValue()) === value);
export const hasFocus = (locator) =>
  until(`${locator} has the focus`, () => locator.evaluate((element) => element === document.activeElement));

export function form(page) {
  const scope = page.getByRole("form");
  return {
    address: page.getByLabel("E-mail address"),
    user: page.getByLabel("User name"),
    password: page.getByLabel("Password", { exact: true }),
    server: page.getByLabel("Mail server"),
    port: page.getByLabel("Port", { exact: true }),
    encryption: page.getByLabel("Encryption"),
    ca: page.getByLabel("Trusted CA (PEM)"),
    remember: page.getByLabel("Remember it on this device"),
    submit: scope.getByRole("button", { name: "Add mailbox" }),
  };
}

// Fills in the form. The password is remembered, unless `remember` is false.
export async function fillIn(page, { user, password, server, port, encryption, ca, remember = true }) {
  const fields = form(page);
  await fields.address.fill(`${user}@restante.test`);
  await fields.password.fill(password);
  await fields.server.fill(server);
  await fields.encryption.selectOption({ label: encryption });
  await fields.port.fill(String(port));
  await fields.user.fill(user);
  await fields.remember.setChecked(remember);
  if (ca) {
    // The field may be inside a closed section.
    if (!(await fields.ca.isVisible())) await page.getByText(/advanced|more settings|trusted ca/i).first().click();
    await fields.ca.fill(ca);
  }
}

// Fills in the form and submits it.
export async function addMailbox(page, account) {
  await fillIn(page, account);
  await form(page).submit.click();
}

// Tries the demo mailbox, and waits until all of its mail has arrived.
export async function tryDemo(page) {
  await page.getByRole("button", { name: "Try the demo mailbox" }).click();
  await allArrived(page);
}

// Waits until a check has started and ended.
export async function allArrived(page) {
  await messages(page).waitFor();
  await page.getByText(/\d+ new messages?|No new mail/).first().waitFor();
  await checking(page).waitFor({ state: "detached" });
}

// Opens the message whose row has this text.
export async function open(page, text) {
  await row(page, text).click();
  await article(page).getByRole("heading", { name: text }).first().waitFor();
}

// Clicks a control that starts a download. Returns the name and the bytes of the file.
export async function download(page, control) {
  const [file] = await Promise.all([page.waitForEvent("download"), control.click()]);
  return { name: file.suggestedFilename(), octets: await readFile(await file.path()) };
}

// Returns the number of messages in the list, on screen or not.
export async function messageCount(page) {
  const count = await messages(page).getAttribute("aria-rowcount");
  assert.match(count ?? "", /^\d+$/, "the grid has a row count");
  return Number(count);
}

// Returns the texts of all status lines and alerts as one text.
export async function announced(page) {
  const texts = await page.getByRole("status").or(page.getByRole("alert")).allInnerTexts();
  return texts.join("\n");
}

// Waits until a status line or an alert has this text.
export async function hears(page, text) {
  await page
    .getByRole("status")
    .or(page.getByRole("alert"))
    .filter({ hasText: text })
    .first()
    .waitFor();
}

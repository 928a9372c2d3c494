// A person at the page, who knows it by the names that its controls have.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { until } from "./machine.mjs";

// The first-run page at `url`, in its own words.
export async function visit(page, url) {
  await page.goto(url);
  await page.getByRole("button", { name: "Try the demo mailbox" }).or(form(page).submit).first().waitFor();
}

export const messages = (page) => page.getByRole("grid", { name: "Messages" });
export const rows = (page) => messages(page).getByRole("row");
export const row = (page, text) => rows(page).filter({ hasText: text }).first();
export const article = (page) => page.getByRole("article", { name: "Message" });
export const mail = (page) => article(page).frameLocator("iframe");
export const attachments = (page) => article(page).getByRole("list", { name: "Attachments" });
export const search = (page) => page.getByRole("searchbox", { name: "Search mail" });
export const checking = (page) => page.getByRole("progressbar", { name: "Checking mail" });

// What a key or a click did is drawn a moment later: these look until it is there.
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
    submit: scope.getByRole("button", { name: "Add mailbox" }),
  };
}

// Fills in the form.
export async function fillIn(page, { user, password, server, port, encryption, ca }) {
  const fields = form(page);
  await fields.address.fill(`${user}@restante.test`);
  await fields.password.fill(password);
  await fields.server.fill(server);
  await fields.encryption.selectOption({ label: encryption });
  await fields.port.fill(String(port));
  await fields.user.fill(user);
  if (ca) {
    // The field may be folded away under a heading.
    if (!(await fields.ca.isVisible())) await page.getByText(/advanced|more settings|trusted ca/i).first().click();
    await fields.ca.fill(ca);
  }
}

// Fills in the form and sends it.
export async function addMailbox(page, account) {
  await fillIn(page, account);
  await form(page).submit.click();
}

// Tries the demo mailbox and waits until all of its mail is here.
export async function tryDemo(page) {
  await page.getByRole("button", { name: "Try the demo mailbox" }).click();
  await allArrived(page);
}

// Waits until a check has begun and ended.
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

// Downloads what a control offers, and returns name and octets.
export async function download(page, control) {
  const [file] = await Promise.all([page.waitForEvent("download"), control.click()]);
  return { name: file.suggestedFilename(), octets: await readFile(await file.path()) };
}

// How many messages the list has in all, on screen or not.
export async function messageCount(page) {
  const count = await messages(page).getAttribute("aria-rowcount");
  assert.match(count ?? "", /^\d+$/, "the grid says how many rows it has");
  return Number(count);
}

// What is announced: status lines and alerts, in one text.
export async function announced(page) {
  const texts = await page.getByRole("status").or(page.getByRole("alert")).allInnerTexts();
  return texts.join("\n");
}

// Waits until this is announced.
export async function hears(page, text) {
  await page
    .getByRole("status")
    .or(page.getByRole("alert"))
    .filter({ hasText: text })
    .first()
    .waitFor();
}

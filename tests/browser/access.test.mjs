// A bridge that serves only who signs in: how the page gets there, from a refused check to mail.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { given, shared, temporaryFolder } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const TOKEN = "a-token-of-the-browser-tests";
const USER = "reader";
const PASSWORD = "correct horse";

describe("a bridge that asks who is there", () => {
  const t = shared();
  let bridge;
  let context;
  let page;
  let errors;

  before(async () => {
    const folder = await temporaryFolder(t);
    const [tokens, users] = ["tokens", "users"].map((name) => join(folder, name));
    writeFileSync(tokens, `${TOKEN}\n`);
    const line = execFileSync(given("RESTANTE_BRIDGE"), ["hash-password", USER], { input: `${PASSWORD}\n` });
    writeFileSync(users, line);
    bridge = await startBridge(t, {
      demo: true,
      options: ["--access-tokens", tokens, "--access-users", users],
    });
    ({ page, context, errors } = await startBrowser(t));
  });

  const dialog = () => page.getByRole("dialog", { name: "Sign in to the bridge" });
  const says = (words) => dialog().getByRole("alert").filter({ hasText: words }).waitFor();

  test("the page is there, and the demo mailbox is not", async () => {
    await reader.visit(page, bridge.url);
    await page.getByRole("button", { name: "Try the demo mailbox" }).click();
    await page.getByRole("alert").filter({ hasText: "Sign in to use this server." }).waitFor();
  });

  test("the dialog takes the focus, and says what is wrong", async () => {
    const opener = page.getByRole("button", { name: "Sign in to the bridge" });
    await opener.focus();
    await page.keyboard.press("Enter");
    await reader.hasFocus(dialog().getByLabel("User name"));
    await page.keyboard.press("Escape");
    // Gone from the document and not only closed: the page hears of that a moment later, and an Enter
    // before it would be undone by it.
    await page.locator("dialog").waitFor({ state: "detached" });
    await reader.hasFocus(opener);
    await page.keyboard.press("Enter");
    await reader.hasFocus(dialog().getByLabel("User name"));
    await page.keyboard.type(USER);
    await page.keyboard.press("Tab");
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    await says("refused the user name or the password");
    await reader.hasFocus(dialog().getByLabel("Password"));
  });

  test("the right password lets the mailbox in that was refused", async () => {
    await dialog().getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await reader.rows(page).first().waitFor();
    assert.equal(await dialog().count(), 0);
    const cookies = await context.cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite, path }) => ({ httpOnly, sameSite, path })),
      [{ httpOnly: true, sameSite: "Strict", path: "/" }],
    );
  });

  test("a visit later nobody is asked", async () => {
    await page.reload();
    await page.getByRole("button", { name: "Check mail" }).first().click();
    await page.getByText("No new mail").first().waitFor();
  });

  test("without its cookie the page asks again, and a token does as well", async () => {
    await context.clearCookies();
    await page.getByRole("button", { name: "Check mail" }).first().click();
    await page.getByRole("button", { name: "Sign in to the bridge" }).click();
    await dialog().getByRole("button", { name: "Use a token" }).click();
    await reader.hasFocus(dialog().getByLabel("Token"));
    await page.keyboard.type("nonsense-of-a-token");
    await page.keyboard.press("Enter");
    await says("did not accept this token");
    await dialog().getByLabel("Token").fill(TOKEN);
    await dialog().getByRole("button", { name: "Sign in" }).click();
    await page.getByText("No new mail").first().waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
  });

  test("who guesses is told how long to wait", async () => {
    await context.clearCookies();
    await page.getByRole("button", { name: "Check mail" }).first().click();
    await page.getByRole("button", { name: "Sign in to the bridge" }).click();
    await dialog().getByRole("button", { name: "Use a token" }).click();
    for (let tries = 0; tries < 12; tries += 1) {
      await dialog().getByLabel("Token").fill(`wrong-token-${tries}`);
      const answered = page.waitForResponse("**/access");
      await dialog().getByRole("button", { name: "Sign in" }).click();
      if ((await answered).status() === 429) break;
    }
    await says(/Too many failed attempts\. Try again in \d+ seconds?\./);
  });

  test("nothing failed that no script caught, and no secret is in the log", () => {
    assert.deepEqual(errors, []);
    for (const secret of [TOKEN, PASSWORD, "argon2"]) {
      assert.ok(!bridge.output().includes(secret));
    }
  });
});

// A bridge that requires sign-in: the page's path from a refused check to mail.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { before, test } from "./support/limits.mjs";
import { given, shared, temporaryFolder } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const TOKEN = "a-token-of-the-browser-tests";
const USER = "reader";
const PASSWORD = "correct horse";

describe("a bridge that requires sign-in", () => {
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

  test("the page loads, and a check is refused", async () => {
    await reader.visit(page, bridge.url);
    await page.getByRole("button", { name: "Try the demo mailbox" }).click();
    await page.getByRole("alert").filter({ hasText: "Sign in to use this server." }).waitFor();
  });

  test("the dialog takes the focus, and reports a wrong password", async () => {
    const opener = page.getByRole("button", { name: "Sign in to the bridge" });
    await opener.focus();
    await page.keyboard.press("Enter");
    await reader.hasFocus(dialog().getByLabel("User name"));
    await page.keyboard.press("Escape");
    // Wait until the dialog is gone from the document, not just closed. The page learns of the
    // closing a moment later, which would undo an earlier Enter.
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

  test("the right password admits the refused mailbox", async () => {
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

  test("the next visit needs no sign-in", async () => {
    await page.reload();
    await page.getByRole("button", { name: "Check mail" }).first().click();
    await page.getByText("No new mail").first().waitFor();
  });

  test("without the cookie, the page asks again and accepts a token", async () => {
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

  test("repeated failures are answered with the time to wait", async () => {
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

  test("the page throws no uncaught error, and the log contains no secret", () => {
    assert.deepEqual(errors, []);
    for (const secret of [TOKEN, PASSWORD, "argon2"]) {
      assert.ok(!bridge.output().includes(secret));
    }
  });
});

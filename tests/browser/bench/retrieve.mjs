// Measures the shipped client: the time from the click on "Add mailbox" until the page announces
// the end of the check. `cargo xtask bench pop3` runs this script with the page's address, the mail
// server's port, the file of its authority, and the number of messages.
//
// No debugger may be attached to the browser during the measurement. A debugger that watches the
// network, such as Playwright, receives a copy of every WebSocket message. So this script fills in
// the form, has the page click the button itself, detaches, and reads the result from the page's
// title.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { start, temporaryFolder, until } from "../support/machine.mjs";
import * as reader from "../support/reader.mjs";

const [url, port, authority, messages] = process.argv.slice(2);
const SECONDS = 300;

// Runs in the page. Clicks the button after two seconds, and writes the seconds until the end of
// the check was announced into the title.
function clickAndWatch(button) {
  let begun;
  const announced = () => {
    const elements = document.querySelectorAll("[role=status], [role=alert]");
    return Array.from(elements, (element) => element.textContent).join(" ");
  };
  const observer = new MutationObserver(() => {
    if (!/\d new messages?/.test(announced())) return;
    observer.disconnect();
    document.title = `took ${(performance.now() - begun) / 1000}`;
  });
  setTimeout(() => {
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    begun = performance.now();
    button.click();
  }, 2000);
}

async function startBrowser(t) {
  const profile = await temporaryFolder(t);
  const args = ["--headless", "--no-first-run", "--disable-background-networking", "--disable-sync"];
  args.push("--remote-debugging-port=0", `--user-data-dir=${profile}`, "--window-size=1280,800");
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  start(t, process.env.RESTANTE_CHROMIUM || chromium.executablePath(), [...args, "about:blank"]);
  const file = join(profile, "DevToolsActivePort");
  const text = await until("the browser answers", () => readFile(file, "utf8").catch(() => ""));
  return `http://127.0.0.1:${text.split("\n")[0]}`;
}

// Runs `act` with Playwright attached to the browser.
async function attached(browser, act) {
  const connection = await chromium.connectOverCDP(browser);
  try {
    return await act(connection.contexts()[0].pages()[0]);
  } finally {
    await connection.close();
  }
}

async function retrieve(t) {
  const browser = await startBrowser(t);
  const ca = await readFile(authority, "utf8");
  await attached(browser, async (page) => {
    await reader.visit(page, url);
    // After the first visit, the service worker fetches the build once more. The measurement must
    // not include that.
    await page.waitForLoadState("networkidle");
    const account = { user: "reader", password: "correct-horse", server: "localhost", port, encryption: "TLS", ca };
    await reader.fillIn(page, account);
    await reader.form(page).submit.evaluate(clickAndWatch);
  });
  const title = async () => {
    const targets = await (await fetch(`${browser}/json/list`)).json();
    return targets.find((target) => target.type === "page")?.title ?? "";
  };
  let seconds;
  try {
    seconds = await until("the page reports the end of the check", async () => /^took (.*)/.exec(await title())?.[1], SECONDS, 500);
  } catch (error) {
    throw new Error(`${error.message}; the page announces: ${await attached(browser, reader.announced)}`);
  }
  const count = await attached(browser, reader.messageCount);
  if (count !== Number(messages)) throw new Error(`${count} messages arrived`);
  return seconds;
}

const endings = [];
try {
  console.log(`durable ${await retrieve({ after: (end) => endings.push(end) })}`);
} catch (error) {
  console.log(`failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const end of endings.reverse()) await end();
}

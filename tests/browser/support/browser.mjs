// The real browser, with a fresh profile. Its only way to other machines is a proxy that refuses
// every request and records its host.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { within } from "./limits.mjs";
import { until } from "./machine.mjs";

const ARGUMENTS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

// Starts a proxy that refuses every request and records it.
async function startGate(t) {
  const asked = [];
  const gate = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(502).end();
  });
  gate.on("connect", (request, socket) => {
    asked.push(request.url);
    socket.on("error", () => {});
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise((resolve) => gate.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    gate.closeAllConnections?.();
    gate.close();
  });
  return { port: gate.address().port, asked };
}

// Limits the time of a page's scripts. Playwright limits every other wait of a page.
function limitScripts(page) {
  const evaluate = page.evaluate.bind(page);
  page.evaluate = (script, ...rest) => within(`for page.evaluate(${script})`.slice(0, 200), evaluate(script, ...rest), 120);
}

// Starts a browser. `errors` lists the exceptions that no script caught. `strangers()` returns the
// requests of pages, frames and workers to other machines, including failed ones. `quiet()` waits
// until no request has started for half a second. `close()` closes the browser; another can be
// started with the same `profile` then.
export async function startBrowser(t, { viewport = { width: 1440, height: 6000 }, profile: given, ...options } = {}) {
  const gate = await startGate(t);
  const profile = given ?? (await mkdtemp(join(tmpdir(), "restante-profile-")));
  const args = [...ARGUMENTS, `--proxy-server=127.0.0.1:${gate.port}`];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  let context;
  t.after(async () => {
    if (context) await within("until the browser has closed", context.close());
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  context = await chromium.launchPersistentContext(profile, {
    // Undefined selects the browser that Playwright has installed.
    executablePath: process.env.RESTANTE_CHROMIUM || undefined,
    args,
    viewport,
    acceptDownloads: true,
    ...options,
  });
  context.setDefaultTimeout(60_000);
  context.pages().forEach(limitScripts);
  context.on("page", limitScripts);
  const requests = [];
  let last = Date.now();
  context.on("request", (request) => {
    requests.push(request);
    last = Date.now();
  });
  // Playwright's "networkidle" never comes if a frame is replaced while it loads, which happens on
  // a busy machine.
  const quiet = (milliseconds = 500) => {
    last = Date.now();
    return until("no page asks for anything", () => Date.now() - last >= milliseconds);
  };
  const errors = [];
  context.on("weberror", (error) => errors.push(String(error.error())));
  const strangers = () => {
    // Requests that a Content-Security-Policy blocked never left the browser.
    const sent = requests.filter((request) => request.failure()?.errorText !== "csp");
    return [...sent.map((request) => request.url()), ...gate.asked].filter(
      (address) => /\.(example|test|invalid)\b/.test(address) && !address.includes("/relay?"),
    );
  };
  const close = () => within("until the browser has closed", context.close());
  return { context, profile, close, errors, strangers, quiet, page: context.pages()[0] ?? (await context.newPage()) };
}

// The built page with a fake engine that the tests control.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = process.env.RESTANTE_DIST ?? fileURLToPath(new URL("../../../dist", import.meta.url));
const FAKE_ENGINE = await readFile(new URL("fake-engine.js", import.meta.url), "utf8");

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

const DEMO = {
  address: "demo@restante.example",
  host: "localhost",
  port: 4995,
  user: "demo",
  password: "demo",
  ca_pem: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
};

// Serves the built client as the bridge would, with a demo mailbox, but without the service worker,
// so that each test starts without a cached build.
export async function serveClient(t, { signIn = { token: true, password: true } } = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/config.json") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ demo: DEMO, sign_in: signIn }));
      return;
    }
    if (pathname === "/sw.js") {
      response.writeHead(404).end();
      return;
    }
    const name = normalize(pathname === "/" ? "/index.html" : pathname);
    try {
      const bytes = await readFile(join(DIST, name));
      response.setHeader("content-type", TYPES[extname(name)] ?? "application/octet-stream");
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

// Opens the page in a new tab, with these options for the fake engine (see fake-engine.js).
export async function visitWith(context, url, engine = {}, { width = 1440, height = 900, hash = "" } = {}) {
  const page = await context.newPage();
  await page.setViewportSize({ width, height });
  // Only the top window: the frame of a message has no local storage.
  const prepare = `localStorage.clear(); ${engine.expects ? `localStorage.setItem("restante.expects-mailboxes", "yes");` : ""} window.fakeEngineOptions = ${JSON.stringify(engine)}; ${FAKE_ENGINE}`;
  await page.addInitScript(`if (window === window.top) { ${prepare} }`);
  await page.goto(url + hash);
  await page.locator(".add, .mail, .stopped").first().waitFor();
  return page;
}

// Makes the engine report an event.
export const say = (page, event) => page.evaluate((event) => window.fakeEngine.say(event), event);

// Makes the engine report the end of a check.
export const finish = (page, outcome) =>
  page.evaluate((outcome) => window.fakeEngine.finish(1, outcome), outcome);

// Returns the commands of a type that the engine has received.
export const sent = (page, type) =>
  page.evaluate((type) => window.fakeEngine.sent.filter((command) => command.type === type), type);

// Returns a mailbox as the engine reports it.
export const mailbox = (id, address, settings = {}) => ({
  id,
  settings: { address, user: address, host: "pop.example.org", port: 995, encryption: "tls", demo: false, login: "password", ...settings },
  hasPassword: true,
  messages: 1_204 * id,
  unread: 3 * id,
  lastCheck: Math.floor(Date.now() / 1000),
});

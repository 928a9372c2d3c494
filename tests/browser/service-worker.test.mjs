// The service worker alone, with tiny builds: the files that it caches, and the change from one
// build to the next.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { startBrowser } from "./support/browser.mjs";
import { test } from "./support/limits.mjs";
import { until } from "./support/machine.mjs";

const TEMPLATE = readFileSync(new URL("../../client/sw/keep.js", import.meta.url), "utf8");
const RETIRE = readFileSync(new URL("../../client/sw/retire.js", import.meta.url), "utf8");

// Returns the files of a build. Its page shows the version of each of its parts.
function build(version) {
  const files = {
    "index.html": `<!doctype html><title>${version}</title><script src="app-${version}.js"></script>
      <script src="engine.js"></script><p>page ${version}</p>
      <script>navigator.serviceWorker.register("sw.js")</script>`,
    [`app-${version}.js`]: `window.app = "${version}";`,
    "engine.js": `window.engine = "${version}";`,
  };
  const digest = (text) => createHash("sha256").update(text).digest("hex");
  const list = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, digest(text)]));
  const worker = TEMPLATE.replace("/* the files of this build */ {}", JSON.stringify(list));
  return { ...files, "sw.js": worker };
}

// Serves a build below a path of its own, and records the requested files.
async function serve(t) {
  const server = { files: build("one"), asked: [] };
  const types = { html: "text/html", js: "text/javascript" };
  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://here");
    const name = pathname.replace("/mail/", "") || "index.html";
    server.asked.push(name);
    const text = server.files[name] ?? (name === "config.json" ? "{}" : undefined);
    const type = types[name.split(".").at(-1)] ?? "application/json";
    response.writeHead(text === undefined ? 404 : 200, { "content-type": type, vary: "accept-encoding" });
    response.end(text);
  });
  const listen = (port) => new Promise((resolve) => http.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = http.address();
  server.url = `http://127.0.0.1:${port}/mail/`;
  server.stop = () => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  t.after(server.stop);
  return server;
}

const kept = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
const parts = (page) =>
  page.evaluate(() => [document.title, window.app, window.engine].join(" "));

test("a cached build is served without a network, with any query or fragment", async (t) => {
  const server = await serve(t);
  const { page } = await startBrowser(t);
  await page.goto(server.url);
  await kept(page);
  await server.stop();
  await page.goto(`${server.url}?a=b#message=1`);
  assert.equal(await parts(page), "one one one");
  await page.goto(`${server.url}index.html`);
  assert.equal(await parts(page), "one one one");
});

test("files outside the build are always fetched from the network", async (t) => {
  const server = await serve(t);
  const { page } = await startBrowser(t);
  await page.goto(server.url);
  await kept(page);
  await page.reload();
  server.asked.length = 0;
  await page.evaluate(() => fetch("config.json"));
  await page.evaluate(() => fetch("config.json"));
  assert.deepEqual(server.asked.filter((name) => name === "config.json").length, 2);
  await page.evaluate(() => fetch("engine.js"));
  assert.ok(!server.asked.includes("engine.js"), "the cached file was used");
});

test("a new build takes over as a whole at the next load, and the old one is deleted", async (t) => {
  const server = await serve(t);
  const { page } = await startBrowser(t);
  await page.goto(server.url);
  await kept(page);
  server.files = build("two");
  await page.reload();
  assert.equal(await parts(page), "one one one");
  const waiting = () =>
    page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting));
  await until("the new build is cached", waiting);
  await page.reload();
  await until("the new build is shown", async () => (await parts(page).catch(() => "")) === "two two two");
  const caches = await page.evaluate(() => caches.keys());
  assert.equal(caches.length, 1);
  await server.stop();
  await page.reload();
  assert.equal(await parts(page), "two two two");
});

test("while another tab uses a build, a reload uses the same build", async (t) => {
  const server = await serve(t);
  const { page, context } = await startBrowser(t);
  await page.goto(server.url);
  await kept(page);
  await page.reload();
  const other = await context.newPage();
  await other.goto(server.url);
  server.files = build("two");
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await until("the new build is cached", () =>
    page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)),
  );
  await page.reload();
  assert.equal(await parts(page), "one one one");
});

test("a mixture of two builds is never cached", async (t) => {
  const server = await serve(t);
  server.files["engine.js"] = build("two")["engine.js"];
  const { page } = await startBrowser(t);
  await page.goto(server.url);
  const fate = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register("sw.js");
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    while (worker.state === "installing") {
      await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
    }
    return worker.state;
  });
  assert.equal(fate, "redundant");
});

test("the worker of a development build removes itself and all caches", async (t) => {
  const server = await serve(t);
  const { page } = await startBrowser(t);
  await page.goto(server.url);
  await kept(page);
  server.files["sw.js"] = RETIRE;
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await until("nothing is cached", () =>
    page.evaluate(async () => {
      const registrations = await navigator.serviceWorker.getRegistrations();
      return registrations.length === 0 && (await caches.keys()).length === 0;
    }),
  );
});

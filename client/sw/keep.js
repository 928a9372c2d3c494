// Caches this build in the browser, so that the user can read the stored mail offline.
//
// The messages between the page and the engine may change with any version. So a build is cached
// completely, with the digest of every file, or not at all, and a page loads all its files from one
// build. A newer build waits until no page uses the older one, for example until the user reloads
// the only page.
//
// `cargo xtask service-worker` fills in the list after Trunk has built the other files.
"use strict";

// Maps the path, relative to this file, to the SHA-256 of the content in hexadecimal.
const FILES = /* the files of this build */ {};

const PREFIX = "restante-build-";
const INDEX = new URL("index.html", self.location).href;
const ADDRESSES = new Map(
  Object.entries(FILES).map(([path, digest]) => [new URL(path, self.location).href, digest]),
);

const hexadecimal = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

const digestOf = async (bytes) => hexadecimal(await crypto.subtle.digest("SHA-256", bytes));

// The digest of all digests names the build.
const cacheName = async () =>
  PREFIX + (await digestOf(new TextEncoder().encode(JSON.stringify(FILES))));

async function keepBuild() {
  const cache = await caches.open(await cacheName());
  await Promise.all(
    Array.from(ADDRESSES, async ([address, digest]) => {
      const response = await fetch(address, { cache: "no-cache" });
      if (!response.ok) throw new Error(`${address}: ${response.status}`);
      // While the bridge is being updated, it may serve files of two builds.
      if ((await digestOf(await response.clone().arrayBuffer())) !== digest) {
        throw new Error(`${address} belongs to another build`);
      }
      await cache.put(address, response);
    }),
  );
}

async function dropOtherBuilds() {
  const current = await cacheName();
  const names = await caches.keys();
  await Promise.all(
    names
      .filter((name) => name.startsWith(PREFIX) && name !== current)
      .map((name) => caches.delete(name)),
  );
}

async function answer(address) {
  const cache = await caches.open(await cacheName());
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(address);
}

async function answerNavigation(request, address) {
  if (self.registration.waiting && (await self.clients.matchAll()).length < 2) {
    // No other page uses this build, so the waiting one takes over, and the browser repeats the request.
    self.registration.waiting.postMessage("take over");
    return new Response("", { headers: { Refresh: "0" } });
  }
  if (address === self.registration.scope || address === INDEX) return answer(INDEX);
  // Other pages that the bridge serves, or the client if the device is offline.
  return fetch(request).catch(() => answer(INDEX));
}

self.addEventListener("install", (event) => event.waitUntil(keepBuild()));

self.addEventListener("activate", (event) => event.waitUntil(dropOtherBuilds()));

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = request.url.replace(/[?#].*$/, "");
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(answerNavigation(request, address));
  } else if (ADDRESSES.has(address)) {
    event.respondWith(answer(address));
  }
  // Other requests (`config.json`, and those of a message's frame) go to the network.
});

// Keeps this build in the browser, so that the mail on this device can be read without a network.
//
// A build is one thing: the page's script and the engine's module speak to each other in words that
// may change with any version. So a build is kept whole (every file under its digest) or not at all,
// and a page gets all of its files from one build. A newer build waits until no page uses the older
// one, and a reload of the only page is such a moment.
//
// `cargo xtask service-worker` fills in the list when Trunk has built the rest.
"use strict";

// Address, relative to this file → SHA-256 of the content in hexadecimal.
const FILES = /* the files of this build */ {};

const PREFIX = "restante-build-";
const INDEX = new URL("index.html", self.location).href;
const ADDRESSES = new Map(
  Object.entries(FILES).map(([path, digest]) => [new URL(path, self.location).href, digest]),
);

const hexadecimal = (buffer) =>
  Array.from(new Uint8Array(buffer), (octet) => octet.toString(16).padStart(2, "0")).join("");

const digestOf = async (octets) => hexadecimal(await crypto.subtle.digest("SHA-256", octets));

// The digest of all digests names the build.
const cacheName = async () =>
  PREFIX + (await digestOf(new TextEncoder().encode(JSON.stringify(FILES))));

async function keepBuild() {
  const cache = await caches.open(await cacheName());
  await Promise.all(
    Array.from(ADDRESSES, async ([address, digest]) => {
      const response = await fetch(address, { cache: "no-cache" });
      if (!response.ok) throw new Error(`${address}: ${response.status}`);
      // A bridge that is updated in this moment would hand out files of two builds.
      if ((await digestOf(await response.clone().arrayBuffer())) !== digest) {
        throw new Error(`${address} is of another build`);
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
    // Nobody else uses this build: the waiting one takes over, and the browser asks it again.
    self.registration.waiting.postMessage("take over");
    return new Response("", { headers: { Refresh: "0" } });
  }
  if (address === self.registration.scope || address === INDEX) return answer(INDEX);
  // Whatever else the bridge serves to people; without a network, the mail.
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
  // The rest (`config.json`, and what a message's frame asks for) is none of our business.
});

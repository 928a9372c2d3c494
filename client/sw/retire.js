// Removes the service worker of an earlier build, because a development build is not cached.
"use strict";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const retire = async () => {
    const names = await caches.keys();
    await Promise.all(
      names.filter((name) => name.startsWith("restante-build-")).map((name) => caches.delete(name)),
    );
    await self.registration.unregister();
  };
  event.waitUntil(retire());
});

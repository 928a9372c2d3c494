// The script that takes octets off a WebSocket for the engine, alone: what waits there is bounded.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const MAX_WAITING = 128 * 1024 * 1024;
const LOST = 1006;
const NO_CODE = 1005;

// A server that sends as fast as it is read, and knows whom it still has.
async function startFlood(t) {
  const guests = new Set();
  const chunk = Buffer.alloc(1024 * 1024);
  const server = createServer((socket) => {
    guests.add(socket);
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on("drain", pour);
    socket.on("error", () => {});
    socket.on("close", () => guests.delete(socket));
    pour();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of guests) socket.destroy();
    server.close();
  });
  return { port: server.address().port, guests };
}

async function startScene(t) {
  const flood = await startFlood(t);
  const bridge = await startBridge(t, { allow: [`localhost:${flood.port}=127.0.0.1`] });
  const { page } = await startBrowser(t);
  await reader.visit(page, bridge.url);
  return { flood, page };
}

// In the page: listens to the flood, takes what comes or leaves it, and asks for the end after so many
// octets. Returns how many there were and the code of the end.
function listen({ port, takes, enough }) {
  const worker = new Worker("socket.js");
  const address = new URL(`relay?host=localhost&port=${port}`, location.href.replace(/^http/, "ws"));
  worker.postMessage([address.href, "restante.relay.v1"]);
  let octets = 0;
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => {
      if (typeof data === "number") resolve({ octets, code: data });
      if (!(data instanceof ArrayBuffer)) return;
      octets += data.byteLength;
      if (takes) worker.postMessage(data.byteLength);
      if (octets >= enough) worker.postMessage(null);
    };
  });
}

test("a server that sends more than anybody takes is hung up on", async (t) => {
  const { flood, page } = await startScene(t);
  const { octets, code } = await page.evaluate(listen, { port: flood.port, takes: false, enough: 4 * MAX_WAITING });
  assert.equal(code, LOST);
  assert.ok(octets <= MAX_WAITING && octets > MAX_WAITING / 2, `${octets} octets waited`);
  await until("the server has nobody any more", () => flood.guests.size === 0);
});

test("who takes what comes gets more than may wait, and ends it", async (t) => {
  const { flood, page } = await startScene(t);
  const enough = 2 * MAX_WAITING;
  const { octets, code } = await page.evaluate(listen, { port: flood.port, takes: true, enough });
  assert.ok(octets >= enough, `${octets} octets came`);
  assert.ok([LOST, NO_CODE].includes(code), `closed with ${code}`);
  await until("the server has nobody any more", () => flood.guests.size === 0);
});

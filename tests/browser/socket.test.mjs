// The script that reads a WebSocket for the engine: the data that waits there is bounded.

import assert from "node:assert/strict";
import { createServer } from "node:net";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { test } from "./support/limits.mjs";
import { until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const MAX_WAITING = 128 * 1024 * 1024;
const LOST = 1006;
const NO_CODE = 1005;

// Starts a server that sends as fast as it is read. `guests` are its open connections.
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

// Runs in the page. Connects to the server, acknowledges the data if `takes` is true, and closes
// after `enough` bytes. Returns the number of bytes and the close code.
function listen({ port, takes, enough }) {
  const worker = new Worker("socket.js");
  const address = new URL(`relay?host=localhost&port=${port}`, location.href.replace(/^http/, "ws"));
  worker.postMessage([address.href, "restante.relay.v1"]);
  let bytes = 0;
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => {
      if (typeof data === "number") resolve({ bytes, code: data });
      if (!(data instanceof ArrayBuffer)) return;
      bytes += data.byteLength;
      if (takes) worker.postMessage(data.byteLength);
      if (bytes >= enough) worker.postMessage(null);
    };
  });
}

test("a server that sends more data than may wait is disconnected", async (t) => {
  const { flood, page } = await startScene(t);
  const { bytes, code } = await page.evaluate(listen, { port: flood.port, takes: false, enough: 4 * MAX_WAITING });
  assert.equal(code, LOST);
  assert.ok(bytes <= MAX_WAITING && bytes > MAX_WAITING / 2, `${bytes} bytes waited`);
  await until("the server has no connection left", () => flood.guests.size === 0);
});

test("acknowledged data may exceed the limit, and the engine can close", async (t) => {
  const { flood, page } = await startScene(t);
  const enough = 2 * MAX_WAITING;
  const { bytes, code } = await page.evaluate(listen, { port: flood.port, takes: true, enough });
  assert.ok(bytes >= enough, `${bytes} bytes arrived`);
  assert.ok([LOST, NO_CODE].includes(code), `closed with ${code}`);
  await until("the server has no connection left", () => flood.guests.size === 0);
});

// Takes octets off a WebSocket while the engine, in the worker that started this one, computes: a
// browser reads a WebSocket only while the thread that owns it is idle.
//
// One of these serves one connection, and ends with it.
//
//   to here      [address, subprotocol]   connect
//                octets                   send them
//                a number                 so many octets were taken
//                null                     close
//   from here    true                     connected
//                octets                   received
//                a number                 closed, with this code
//
// A page may have been open since an earlier build: who changes these words gives this file another
// name.
"use strict";

// How many octets may wait for the engine, since a WebSocket cannot be told to wait. The engine asks
// for some 16 MB at a time, or for one message; only a server that sends what nobody asked for gets
// here, or a message of several hundred MB over a line that is faster than the engine.
const MAX_WAITING = 128 * 1024 * 1024;

// RFC 6455 §7.4.1: what a browser says of a connection that ended without a word.
const LOST = 1006;

let socket;
let waiting = 0;

function end(code) {
  postMessage(code);
  socket.onmessage = null;
  socket.close();
  close();
}

function connect([address, subprotocol]) {
  socket = new WebSocket(address, subprotocol);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => postMessage(true);
  socket.onclose = ({ code }) => end(code);
  socket.onmessage = ({ data }) => {
    waiting += data.byteLength;
    // The relay never sends text, which has no byteLength.
    if (waiting <= MAX_WAITING) postMessage(data, [data]);
    else end(LOST);
  };
}

addEventListener("message", ({ data }) => {
  if (data instanceof ArrayBuffer) socket.send(data);
  else if (typeof data === "number") waiting -= data;
  else if (data) connect(data);
  else if (socket) socket.close();
  else close();
});

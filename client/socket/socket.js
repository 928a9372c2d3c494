// Receives the data of a WebSocket while the engine, in the worker that started this one, is busy.
// A browser reads a WebSocket only while the thread that owns it is idle.
//
// Each instance serves one connection and ends with it.
//
//   to this worker     [address, subprotocol]   connect
//                      ArrayBuffer              send these bytes
//                      number                   the engine has read this number of bytes
//                      null                     close
//   from this worker   true                     connected
//                      ArrayBuffer              received these bytes
//                      number                   closed with this code
//
// A page of an earlier build may still be open. If these messages change, rename this file.
"use strict";

// The maximum number of bytes that wait for the engine, because a WebSocket has no back-pressure.
// The engine requests about 16 MB at a time, or one message. Only a server that sends unsolicited
// data reaches the limit, or a message of several hundred MB on a network that is faster than the
// engine.
const MAX_WAITING = 128 * 1024 * 1024;

// The code for a connection that ended without a close frame (RFC 6455 §7.4.1).
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

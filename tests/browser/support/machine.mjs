// Resources of the machine: programs, ports and temporary folders; and waiting for conditions.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { within } from "./limits.mjs";

// Replaces a test's `t` where several tests share resources; call it in a `describe`. Resources are
// released in reverse order.
export function shared() {
  const endings = [];
  after(async () => {
    const failures = [];
    for (const end of endings.reverse()) {
      await within("for the release of a resource", Promise.resolve().then(end)).catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  });
  return { after: (end) => endings.push(end) };
}

// Returns an environment variable that the command which runs the tests has set.
export function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test\``);
  return value;
}

// Reserves a port of 127.0.0.1 until the tests of this file are over. One end of a connection to a
// server of this function holds the port, so the system gives it to no other program. Connections
// to the port are refused until a server listens there, which Linux permits if the server sets
// SO_REUSEADDR, as most do.
export async function reservePort(t) {
  const host = "127.0.0.1";
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const holder = connect({ host, port: server.address().port, localAddress: host });
  const [[accepted]] = await Promise.all([once(server, "connection"), once(holder, "connect")]);
  t.after(() => {
    for (const socket of [holder, accepted]) socket.destroy();
    server.close();
  });
  return holder.localPort;
}

// Creates a folder that is removed when the tests of this file are over.
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "restante-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

// Starts a program, and returns functions to stop it and read its output. It is also stopped when
// the tests are over.
export function start(t, program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => {
      output += text;
    });
  }
  const ended = new Promise((resolve) => {
    child.once("error", (error) => {
      output += String(error);
      resolve();
    });
    child.once("exit", resolve);
  });
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    if (!running()) return;
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(late);
  };
  t.after(stop);
  return { stop, running, output: () => output };
}

// Calls `question` every `pause` milliseconds until the answer is true. Fails after `seconds`, with
// the condition `what` in the message. A question without an answer is asked again after a third of that
// time, because a page that is replaced at that moment may never answer.
export async function until(what, question, seconds = 60, pause = 50) {
  let over = false;
  const ask = async () => {
    while (!over) {
      let timer;
      const unanswered = new Promise((resolve) => {
        timer = setTimeout(resolve, (seconds * 1000) / 3);
      });
      const answer = await Promise.race([question(), unanswered]).finally(() => clearTimeout(timer));
      if (answer) return answer;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  try {
    return await within(`until ${what}`, ask(), seconds);
  } finally {
    over = true;
  }
}

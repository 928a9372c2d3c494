// The real bridge, with the built client inside.

import { connect } from "node:net";

import { given, reservePort, start, until } from "./machine.mjs";

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

// Starts a bridge. `demo` starts its demo server, `allow` adds rules for targets
// (`host:port=address`), and `options` are further arguments. The bridge can be stopped and started
// again at the same address.
export async function startBridge(t, { demo = false, allow = [], options = [] } = {}) {
  const port = await reservePort(t);
  const args = ["--listen", `127.0.0.1:${port}`, ...options];
  if (demo) args.push("--demo");
  for (const rule of allow) args.push("--allow", rule);
  // The bridge reads variables with its prefix as settings, and warns of unknown ones.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("RESTANTE_")),
  );
  let bridge;
  const startAgain = async () => {
    bridge = start(t, given("RESTANTE_BRIDGE"), args, { env });
    await until("the bridge answers", async () => {
      if (!bridge.running()) throw new Error(`the bridge ended: ${bridge.output()}`);
      return answers(port);
    });
  };
  await startAgain();
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => bridge.stop(),
    startAgain,
    output: () => bridge.output(),
  };
}

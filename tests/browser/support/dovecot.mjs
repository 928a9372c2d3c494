// A real mail server for one account: Dovecot with TLS and STLS, with a certificate of a temporary
// authority.

import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";

import { reservePort, start, temporaryFolder, until } from "./machine.mjs";

export const USER = "reader";
export const PASSWORD = "correct horse";
// Not in any DNS: a rule of the bridge has its address.
export const HOST = "mail.restante.test";

const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });

// Creates a certification authority, and a certificate for HOST. Returns the paths.
function makeCertificates(folder) {
  const at = (name) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req", "-x509", ...key, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2",
    "-subj", "/CN=Restante tests",
  );
  openssl("req", ...key, "-keyout", at("server.key"), "-out", at("server.csr"), "-subj", `/CN=${HOST}`);
  writeFileSync(at("server.ext"), `subjectAltName=DNS:${HOST}\nbasicConstraints=CA:FALSE\n`);
  openssl(
    "x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"),
    "-CAcreateserial", "-days", "2", "-extfile", at("server.ext"), "-out", at("server.pem"),
  );
  return { ca: at("ca.pem"), certificate: at("server.pem"), key: at("server.key") };
}

function configuration({ folder, certificates, ports, root }) {
  // Dovecot drops its privileges to its own users. Without root, it has none to drop.
  const user = userInfo().username;
  const withoutRoot = root
    ? ""
    : `default_internal_user = ${user}
default_internal_group = ${userInfo().gid}
default_login_user = ${user}
service anvil {
  chroot =
}
service pop3-login {
  chroot =
}
`;
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${certificates.certificate}
ssl_key = <${certificates.key}
disable_plaintext_auth = yes
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:${folder}/mail
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = passwd-file
  args = ${folder}/users
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.stls}
  }
  inet_listener pop3s {
    port = ${ports.tls}
    ssl = yes
  }
}
${withoutRoot}`;
}

// Starts Dovecot with these messages, each a string or buffer, in the account's maildrop.
export async function startDovecot(t, messages) {
  const folder = await temporaryFolder(t);
  const root = userInfo().uid === 0;
  // Dovecot does not serve root's own mail, so "nobody" owns it then.
  const [uid, gid] = root ? [65534, 65534] : [userInfo().uid, userInfo().gid];
  chmodSync(folder, 0o755);
  for (const name of ["mail", "mail/cur", "mail/new", "mail/tmp"]) {
    mkdirSync(join(folder, name));
    chownSync(join(folder, name), uid, gid);
  }
  let delivered = 0;
  const deliver = (message) => {
    delivered += 1;
    const file = join(folder, "mail", "new", `${1_700_000_000 + delivered}.M1P1.test`);
    writeFileSync(file, message);
    chownSync(file, uid, gid);
  };
  messages.forEach(deliver);
  const certificates = makeCertificates(folder);
  writeFileSync(join(folder, "users"), `${USER}:{PLAIN}${PASSWORD}:${uid}:${gid}::${folder}/mail\n`);
  const { ports, server } = await startOnPorts(t, { folder, certificates, root });
  // Returns the messages that are on the server at this moment.
  const messagesThere = () =>
    ["new", "cur"].flatMap((name) => {
      const at = join(folder, "mail", name);
      return readdirSync(at).map((file) => readFileSync(join(at, file), "latin1"));
    });
  const caPem = readFileSync(certificates.ca, "utf8");
  return { ports, caPem, deliver, messagesThere, stop: server.stop };
}

// Starts Dovecot on reserved ports. Tries others if another program uses the same numbers.
async function startOnPorts(t, settings, tries = 3) {
  const ports = { tls: await reservePort(t), stls: await reservePort(t) };
  const at = (name) => join(settings.folder, name);
  writeFileSync(at("conf"), configuration({ ...settings, ports }));
  rmSync(at("log"), { force: true });
  const server = start(t, "/usr/sbin/dovecot", ["-F", "-c", at("conf")]);
  const answers = await until("Dovecot answers", async () => (server.running() ? greets(ports.stls) : "ended"));
  if (answers !== "ended") return { ports, server };
  const log = existsSync(at("log")) ? readFileSync(at("log"), "utf8") : "";
  const output = server.output() + log;
  if (tries > 1 && output.includes("Address already in use")) return startOnPorts(t, settings, tries - 1);
  throw new Error(`Dovecot ended: ${output}`);
}

const greets = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString("latin1").startsWith("+OK"));
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });

// Starts a slow proxy in front of a server. It forwards `limit` bytes of the answers slowly, and
// then nothing until `release()`, which removes the delay and the limit. `cut()` closes all
// connections, and refuses new ones until `release()`.
export async function startSlowLine(t, serverPort, limit) {
  const PIECE = 8192;
  const PAUSE = 15;
  let left = limit;
  let down = false;
  let release;
  const released = new Promise((resolve) => {
    release = () => {
      left = Number.POSITIVE_INFINITY;
      down = false;
      resolve();
    };
  });
  const pause = () => Promise.race([released, new Promise((resolve) => setTimeout(resolve, PAUSE))]);
  const sockets = new Set();
  const carry = async (server, client) => {
    for await (const bytes of server) {
      for (let at = 0; at < bytes.length; at += PIECE) {
        if (left <= 0) await released;
        const piece = bytes.subarray(at, at + PIECE);
        left -= piece.length;
        client.write(piece);
        await pause();
      }
    }
    client.end();
  };
  const line = createServer((client) => {
    if (down) {
      client.destroy();
      return;
    }
    const server = connect(serverPort, "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.pipe(server);
    client.on("close", () => server.destroy());
    carry(server, client).catch(() => client.destroy());
  });
  await new Promise((resolve) => line.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    down = true;
    sockets.forEach((socket) => socket.destroy());
  };
  t.after(() => {
    cut();
    line.close();
  });
  return { port: line.address().port, release, cut };
}

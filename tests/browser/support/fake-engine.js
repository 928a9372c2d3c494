// Replaces the engine's worker, so that tests can put the page into any state without a network.
//
// Injected before the page's program. `window.fakeEngineOptions` sets the initial state. The test
// then uses `window.fakeEngine`: `sent` lists the received commands, and `say(event)` reports an
// event.

(() => {
  const options = {
    storage: "persistent",
    healed: [],
    mailboxes: [],
    count: 0, // The number of generated messages.
    messages: null, // A few complete messages, instead of generated ones.
    start: "ready", // "ready", "occupied", "unusable", "absent" or "silent".
    unusable: { kind: "storageFailed" },
    refuse: null, // The problem with which AddMailbox fails.
    report: { sessions: [] }, // The report on every connection.
    hold: [], // Types of commands that get no answer.
    ...window.fakeEngineOptions,
  };
  const senders = ["Ada Lovelace", "Post office", "Grace Hopper", "Billing", "Jean-Rémi", "News from the shop"];
  const subjects = ["Minutes of the meeting", "Your parcel is waiting", "Re: Compilers and coffee", "Invoice 2026-117", "Photographs from Saturday", "The winter issue is here"];
  const snippet = "Thank you all for coming. Here is what we agreed on, with the names of those who will look after it until we meet again";
  const dayOf = (index) => Math.floor(Date.now() / 1000) - index * 7_000;

  const rowOf = (index) => {
    const full = options.messages?.[index];
    if (full) return { snippet, ...full.row, id: full.message.id, mailbox: full.message.mailbox };
    const id = options.count - index;
    return {
      id,
      mailbox: 1,
      sender: senders[id % senders.length],
      subject: `${subjects[id % subjects.length]} ${id}`,
      snippet,
      date: dayOf(index),
      unread: !window.fakeEngine.read.has(id) && id % 5 === 0,
      hasAttachments: id % 7 === 0,
    };
  };
  const total = () => options.messages?.length ?? options.count;
  const messageOf = (id) => {
    const full = options.messages?.find(({ message }) => message.id === id);
    if (full) return full.message;
    return {
      id,
      part: 0,
      mailbox: 1,
      subject: `${subjects[id % subjects.length]} ${id}`,
      from: [{ name: senders[id % senders.length], address: "sender@example.org" }],
      replyTo: [],
      to: [{ name: "", address: "reader@example.org" }],
      cc: [],
      date: dayOf(options.count - id),
      octets: 2_345,
      body: { type: "text", text: `${snippet}.\n\nMessage ${id}.\n` },
      attachments: [],
    };
  };

  const answers = {
    start() {
      if (options.start === "occupied") return say({ type: "occupied" });
      if (options.start === "unusable") return say({ type: "unusable", problem: options.unusable });
      if (options.start === "ready") return fake.ready();
    },
    "mailbox.add"({ request, settings }) {
      if (options.refuse) return say({ type: "requestFailed", request, problem: options.refuse });
      const id = options.mailboxes.length + 1;
      const mailbox = { id, settings, hasPassword: true, messages: total(), unread: 2, lastCheck: undefined };
      options.mailboxes = [...options.mailboxes, mailbox];
      fake.mailboxes();
      say({ type: "mailbox.added", request, mailbox: id });
      fake.finish(id, { type: "done", newMessages: total(), skipped: 0 });
    },
    "mailbox.remove"({ mailbox }) {
      options.mailboxes = options.mailboxes.filter(({ id }) => id !== mailbox);
      fake.mailboxes();
      say({ type: "mail.changed" });
    },
    "check.start"() {
      for (const { id } of options.mailboxes) fake.finish(id, { type: "done", newMessages: 0, skipped: 0 });
    },
    "mailbox.setPassword"({ mailbox }) {
      fake.finish(mailbox, { type: "done", newMessages: 0, skipped: 0 });
    },
    cancel() {},
    "mailbox.updateSettings"({ mailbox, settings }) {
      options.mailboxes = options.mailboxes.map((one) => (one.id === mailbox ? { ...one, settings } : one));
      fake.mailboxes();
    },
    "report.load"({ request, mailbox }) {
      say({ type: "report.loaded", request, report: { mailbox, ...options.report } });
    },
    "console.open"({ mailbox }) {
      fake.console = mailbox;
      fake.type([["S: +OK ready", 12], "C: USER ada@example.org", ["S: +OK", 3], "C: PASS ***", ["S: +OK 3 messages", 41]]);
      fake.change({ type: "ready", marked: 0 });
    },
    "console.send"({ line, severalLines, confirmed }) {
      const [command] = line.toUpperCase().split(" ");
      if (command === "DELE" && !confirmed) {
        return fake.change({ type: "confirm", line, severalLines, consequence: { mark: { message: 1, copy: "stored" } } });
      }
      if (command === "PASS") return fake.change({ type: "rejected", reason: "login" });
      if (command === "DELE") fake.marked += 1;
      fake.type([`C: ${line}`, ["S: +OK", 7], ...(severalLines ? ["S: one", "S: ."] : [])]);
      if (command === "QUIT") return fake.change({ type: "closed", problem: undefined });
      fake.change({ type: "ready", marked: fake.marked });
    },
    "console.close"() {
      fake.change({ type: "closed", problem: undefined });
    },
    "mail.list"({ request, query, offset, limit }) {
      const found = [];
      let all = total();
      if (query.search) {
        const matches = [];
        for (let index = 0; index < Math.min(all, 1_000); index += 1) {
          const row = rowOf(index);
          const text = `${row.sender} ${row.subject}`.toLowerCase();
          if (query.search.toLowerCase().split(/\s+/).every((word) => text.includes(word))) matches.push(row);
        }
        all = matches.length;
        found.push(...matches.slice(offset, offset + limit));
      } else {
        for (let index = offset; index < Math.min(all, offset + limit); index += 1) found.push(rowOf(index));
      }
      say({ type: "mail.listed", request, total: all, offset, rows: found, unsearched: 0, cut: 0 });
    },
    "mail.open"({ request, message, remoteImages }) {
      fake.read.add(message);
      const open = { dateSource: "sent", ...structuredClone(messageOf(message)) };
      if (remoteImages && open.body.type === "html") open.body.blockedImages = 0;
      say({ type: "mail.opened", request, message: open });
    },
    "mail.markRead"({ message, read }) {
      if (read) fake.read.add(message);
      else fake.read.delete(message);
      say({ type: "mail.changed" });
    },
    "mail.loadSource"({ request, message }) {
      const text = `Return-Path: <sender@example.org>\r\nFrom: Ada <sender@example.org>\r\nSubject: ${messageOf(message).subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${snippet}\r\n`;
      say({ type: "mail.bytes", request, bytes: new TextEncoder().encode(text) });
    },
    "mail.loadAttachment"({ request }) {
      say({ type: "mail.bytes", request, bytes: new Uint8Array([37, 80, 68, 70]) });
    },
  };

  // Page and engine exchange a message as an object that maps its type to its fields, or as the
  // type alone if it has no fields. A message of a group is the only field of its group. Here and
  // in the tests, the type is one of the fields, with the group before it: "mail.list".
  const GROUPS = ["mailbox", "check", "console", "mail", "report"];
  const packed = ({ type, ...fields }) => {
    const [group, name] = type.split(".");
    if (name) return { [group]: packed({ type: name, ...fields }) };
    return Object.keys(fields).length > 0 ? { [type]: fields } : type;
  };
  const unpacked = (command) => {
    if (typeof command === "string") return { type: command };
    const [[type, fields]] = Object.entries(command);
    if (!GROUPS.includes(type)) return { type, ...fields };
    const inner = unpacked(fields);
    return { ...inner, type: `${type}.${inner.type}` };
  };
  // A line of a transcript, such as "S: +OK" or "[close]".
  const step = (text) => {
    const bytes = () => new TextEncoder().encode(text.slice(3));
    if (text.startsWith("C: ")) return { client: bytes() };
    if (text.startsWith("S: ")) return { server: bytes() };
    const size = text.match(/^\[(\d+) octets\]$/);
    return size ? { octets: Number(size[1]) } : text.slice(1, -1);
  };
  const lineOf = ({ text, millis }) => ({ step: { step: step(text), millis } });
  const problemOf = (problem) =>
    problem && {
      ...problem,
      detail: problem.detail && { text: problem.detail },
      transcript: (problem.transcript ?? []).map(step),
    };
  const certificateOf = ({ sha256, ...certificate }) => ({
    ...certificate,
    sha256: Uint8Array.from(sha256.match(/../g), (digits) => parseInt(digits, 16)),
  });
  const securityOf = ({ tls, ...security }) => ({
    ...security,
    tls: { ...tls, certificates: tls.certificates.map(certificateOf) },
  });
  const reportOf = ({ sessions, ...report }) => ({
    ...report,
    sessions: sessions.map(({ outcome, lines, security, ...session }) => ({
      ...session,
      security: securityOf(security),
      outcome: outcome.failed ? { failed: problemOf(outcome.failed) } : outcome,
      lines: lines.map(lineOf),
    })),
  });
  const packedWhole = (event) => {
    const { outcome, message, change, problem, report, ...rest } = event;
    const whole = { ...rest };
    if (change) {
      const { lines, problem, ...fields } = change;
      whole.change = packed({ ...fields, ...(lines && { lines: lines.map(lineOf) }), ...("problem" in change && { problem: problemOf(problem) }) });
    }
    if (outcome) whole.outcome = packed("problem" in outcome ? { ...outcome, problem: problemOf(outcome.problem) } : outcome);
    if (problem) whole.problem = problemOf(problem);
    if (report) whole.report = reportOf(report);
    if (message) whole.message = { ...message, body: packed(message.body) };
    return packed(whole);
  };

  let worker;
  const say = (event) =>
    worker.dispatchEvent(new MessageEvent("message", { data: structuredClone(packedWhole(event)) }));
  const fake = (window.fakeEngine = {
    options,
    sent: [],
    read: new Set(),
    marked: 0,
    say,
    // Reports a change of the open console.
    change(change) {
      say({ type: "console", mailbox: fake.console, change });
    },
    // Reports lines of the console: each a text, or a text with a time in milliseconds.
    type(lines) {
      const said = lines.map((line) => {
        const [text, millis] = [line].flat();
        return { text, millis };
      });
      fake.change({ type: "lines", lines: said });
    },
    ready() {
      const { storage, healed, mailboxes } = options;
      say({ type: "ready", storage, healed, mailboxes });
    },
    mailboxes() {
      say({ type: "mailbox.changed", mailboxes: options.mailboxes });
    },
    finish(mailbox, outcome) {
      const now = Math.floor(Date.now() / 1000);
      if (outcome.type === "done") {
        options.mailboxes = options.mailboxes.map((one) => (one.id === mailbox ? { ...one, lastCheck: now } : one));
        fake.mailboxes();
      }
      say({ type: "check.finished", mailbox, outcome });
    },
    arrive(more) {
      options.count += more;
      say({ type: "mail.changed" });
    },
    fail() {
      worker.dispatchEvent(new Event("error"));
    },
  });

  const Real = window.Worker;
  window.Worker = class extends EventTarget {
    constructor(script, ...rest) {
      if (!String(script).includes("engine")) return new Real(script, ...rest);
      super();
      worker = this;
      if (options.start === "absent") setTimeout(() => fake.fail());
      else if (options.start !== "silent") setTimeout(() => say({ type: "listening" }));
    }

    postMessage(message) {
      const command = unpacked(structuredClone(message));
      fake.sent.push(command);
      if (options.hold.includes(command.type)) return;
      queueMicrotask(() => answers[command.type]?.(command));
    }

    terminate() {}
  };
})();

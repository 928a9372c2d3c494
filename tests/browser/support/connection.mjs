// The connection that the fake engine reports: two kinds of sessions, and a report card.

const seconds = (date) => Math.floor(new Date(date) / 1000);
const began = seconds("2026-11-22T14:05:07Z");
const line = (text, millis) => ({ text, millis });
const security = (tls) => ({ encryption: "tls", connectMillis: 18, handshakeMillis: 41, tls });
const certificate = (subject, issuer, notAfter) => ({
  subject,
  issuer,
  notBefore: seconds("2026-01-31T00:00:00Z"),
  notAfter: seconds(notAfter),
  sha256: "ab".repeat(32),
});

const UIDL = Array.from({ length: 12 }, (_, index) => line(`S: ${index + 1} 0000${1_204 + index}5f1c2d3e`));

export const SESSION = {
  began,
  outcome: { check: { done: { newMessages: 2, skipped: 0 } } },
  security: security({
    version: "TLS 1.3",
    cipherSuite: "TLS13_CHACHA20_POLY1305_SHA256",
    binding: "exporter",
    certificates: [
      certificate("pop.example.org", "Example Society CA", "2027-02-01T00:00:00Z"),
      certificate("Example Society CA", "Example Root X1", "2031-06-30T00:00:00Z"),
    ],
  }),
  lines: [
    line("[tls]"),
    line("S: +OK POP3 ready <1896.697170952@pop.example.org>", 48),
    line("C: CAPA"),
    line("S: +OK", 21),
    ...["TOP", "UIDL", "RESP-CODES", "PIPELINING", "SASL PLAIN SCRAM-SHA-256", "."].map((tag) => line(`S: ${tag}`)),
    line("C: AUTH SCRAM-SHA-256 ***"),
    line("S: + ***", 22),
    line("C: ***"),
    line("S: +OK Logged in.", 64),
    line("C: UIDL"),
    line("S: +OK 12 messages", 1_204),
    ...UIDL,
    line("S: ."),
    line("C: RETR 11"),
    line("C: RETR 12"),
    line("S: +OK 3200 octets", 31),
    line("[3200 octets]"),
    line("S: ."),
    line("S: +OK 812 octets", 35),
    line("[812 octets]"),
    line("S: ."),
    line("C: QUIT"),
    line("S: +OK Bye.", 20),
    line("[close]"),
  ],
};

const REFUSED = {
  began: began - 86_400 * 3,
  outcome: { failed: { kind: "wrongCredentials", detail: "[AUTH] Authentication failed.", transcript: [] } },
  security: security({ version: "TLS 1.3", cipherSuite: "TLS13_AES_128_GCM_SHA256", certificates: [] }),
  lines: [line("S: +OK ready", 40), line("C: USER ada@example.org"), line("S: +OK", 2), line("C: PASS ***"), line("S: -ERR [AUTH] Authentication failed.", 2_010)],
};

export const REPORT = {
  server: {
    measurements: { connectMillis: 18, handshakeMillis: 41, roundTripMillis: 21, bytesPerSecond: 4_200_000 },
    pipelining: { used: { commands: 100, bytes: 4_000_000 } },
    login: { method: "scramSha256", refused: ["cramMd5"], stronger: ["scramSha256Plus", "scramSha1Plus"], latin1: false },
    advertised: {
      beforeTls: [],
      afterTls: ["top", "uidl", "respCodes", { sasl: ["PLAIN", "SCRAM-SHA-256"] }],
      afterLogin: ["top", "uidl", "respCodes", "pipelining", { loginDelay: { seconds: 300, by_user: false } }],
    },
    quirks: ["wrongSize"],
    undeliverable: [{ uniqueId: "00001203", attempts: 2, last: began, reason: "cannot read it" }],
    moreUndeliverable: 0,
  },
  sessions: [
    SESSION,
    REFUSED,
    ...[1, 2, 3].map((days) => ({
      ...SESSION,
      began: began - 86_400 * (3 + days),
      outcome: { check: { done: { newMessages: 0, skipped: 0 } } },
    })),
  ],
};

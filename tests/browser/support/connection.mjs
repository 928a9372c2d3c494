// The connection that the fake engine reports: two kinds of sessions, and a report card.

const began = Math.floor(new Date("2026-11-22T14:05:07Z") / 1000);
const line = (text, millis) => ({ text, millis });
const fact = (name, value, note = "") => ({ name, value, note });

const UIDL = Array.from({ length: 12 }, (_, index) => line(`S: ${index + 1} 0000${1_204 + index}5f1c2d3e`));

export const SESSION = {
  began,
  outcome: "2 new messages",
  security: [
    fact("Encryption", "TLS 1.3", "From the first byte."),
    fact("Cipher suite", "TLS13_CHACHA20_POLY1305_SHA256"),
    fact("Certificate", "CN=pop.example.org, issued by CN=Example Society CA, valid until 2027-02-01"),
    fact("Issuer", "CN=Example Society CA, issued by CN=Example Root X1, valid until 2031-06-30"),
  ],
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
  outcome: "The mail server refused the user name or the password.",
  security: [fact("Encryption", "TLS 1.3")],
  lines: [line("S: +OK ready", 40), line("C: USER ada@example.org"), line("S: +OK", 2), line("C: PASS ***"), line("S: -ERR [AUTH] Authentication failed.", 2_010)],
};

export const REPORT = {
  card: [
    {
      title: "Capabilities",
      rows: [
        fact("Before login", "TOP, UIDL, RESP-CODES, SASL"),
        fact("After login", "TOP, UIDL, RESP-CODES, PIPELINING", "PIPELINING came with the login: Restante asks again after it."),
        fact("LOGIN-DELAY", "300 s", "Checks are at least five minutes apart."),
      ],
    },
    {
      title: "Oddities",
      rows: [fact("Sizes are wrong", "", "The sizes in LIST are not those of the messages. Progress may pass the whole.")],
    },
    { title: "Speed", rows: [fact("Round trip", "21 ms"), fact("Throughput", "4.2 MB a second", "In the last session with more than 1 MB.")] },
  ],
  sessions: [SESSION, REFUSED, ...[1, 2, 3].map((days) => ({ ...SESSION, began: began - 86_400 * (3 + days), outcome: "No new mail" }))],
};

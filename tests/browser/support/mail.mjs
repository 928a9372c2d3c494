// A few messages for the page's tests, one for each kind of layout.

const now = Math.floor(Date.now() / 1000);
const person = (name, address) => ({ name, address });

const base = {
  part: 0,
  mailbox: 1,
  replyTo: [],
  to: [person("", "ada@example.org"), person("Grace Hopper", "grace@example.org")],
  cc: [],
  date: now,
  octets: 23_456,
  attachments: [],
};

const newsletter = `<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{margin:0;background:#eef1f4;font:16px/1.6 Georgia,serif;color:#222}
div{max-width:560px;margin:0 auto;padding:28px;background:#fff}h1{font-size:26px}</style></head>
<body><div><h1>The winter issue is here</h1><p>${"Twelve recipes for long evenings, and the stories behind them. ".repeat(9)}</p>
<h2>On bread</h2><p>${"It begins with flour, water, salt and time, most of all with time. ".repeat(30)}</p></div></body></html>`;

const letter = `Dear Ada,

Tuesday it is. The café is at https://maps.example/?q=analytical+engine (second
floor, the table by the window).

> Shall we meet on Tuesday? I have the drawings with me, and there is one
> question about the seventh wheel that I cannot answer alone.
>> Bring the drawings, whatever day it is.
> Yours, Ada

I have thought about the seventh wheel as well. It turns the wrong way round.

Grace
`;

const TIMETABLE = `Good morning,

line   from        to           departs  arrives
-----  ----------  -----------  -------  -------
12     Harbour     Lighthouse     08:05    08:31
12     Lighthouse  Harbour        08:40    09:06
7a     Harbour     Far end        09:15    10:58
`;

// A message to 1,200 people, with a text that is too long to show.
export const INVITATION = {
  row: { sender: "Ada Lovelace", subject: "Invitation to the whole society", date: now - 60, unread: false, hasAttachments: false },
  message: {
    ...base,
    id: 1,
    subject: "Invitation to the whole society",
    from: [person("Ada Lovelace", "ada@example.net")],
    to: Array.from({ length: 1_200 }, (_, index) => person(`Guest ${index + 1}`, `g${index + 1}@example.org`)),
    body: { type: "text", text: "Come all of you.\n\0A postscript follows.\n" },
  },
};

// Newest first: the row of each message in the list, and the message that it opens.
export const MESSAGES = [
  {
    row: { sender: "The Corner Shop", subject: "The winter issue is here, with twelve recipes", date: now - 60, unread: true, hasAttachments: false },
    message: {
      ...base,
      id: 6,
      subject: "The winter issue is here, with twelve recipes for long evenings",
      from: [person("The Corner Shop", "news@shop.example")],
      body: { type: "html", html: newsletter, blockedImages: 4 },
    },
  },
  {
    row: { sender: "Grace Hopper", subject: "Re: The seventh wheel", snippet: "Dear Ada, Tuesday it is. The café is at the corner, second floor, the table by the window", date: now - 7_000, unread: true, hasAttachments: false },
    message: {
      ...base,
      id: 5,
      subject: "Re: The seventh wheel",
      from: [person("Grace Hopper", "grace@example.org")],
      cc: [person("Charles", "charles@example.net")],
      body: { type: "text", text: letter },
    },
  },
  {
    row: { sender: "Jean-Rémi Lefèvre", subject: "Photographs from Saturday", date: now - 200_000, unread: false, hasAttachments: true },
    message: {
      ...base,
      id: 4,
      subject: "Photographs from Saturday",
      from: [person("Jean-Rémi Lefèvre", "jr@example.net")],
      replyTo: [person("", "photos@example.net")],
      body: { type: "text", text: "Here they are. The third one is for your mother.\n" },
      attachments: [
        { part: 2, name: "at the lake.jpg", mediaType: "image/jpeg", octets: 2_345_678, isMessage: false },
        { part: 3, name: "a-file-name-that-goes-on-and-on-until-it-does-not-fit-any-more.tar.gz", mediaType: "application/gzip", octets: 6_291_456, isMessage: false },
        { part: 4, name: "invitation.ics", mediaType: "text/calendar", octets: 812, isMessage: false },
      ],
    },
  },
  {
    row: { sender: "The Ferry", subject: "Timetable for the winter", snippet: "Good morning, line from to departs arrives", date: now - 300_000, unread: false, hasAttachments: false },
    message: { ...base, id: 7, subject: "Timetable for the winter", from: [person("The Ferry", "ferry@example.net")], body: { type: "text", text: TIMETABLE } },
  },
  {
    row: { sender: "張偉", subject: "關於下週的會議", snippet: "您好,附件是下週會議的議程,請查收", date: now - 900_000, unread: false, hasAttachments: false },
    message: { ...base, id: 3, subject: "關於下週的會議", from: [person("張偉", "wei@example.com")], body: { type: "text", text: "您好,附件是下週會議的議程,請查收。\n" } },
  },
  {
    row: { sender: "", subject: "", snippet: "", date: now - 40_000_000, unread: false, hasAttachments: false },
    message: { ...base, id: 2, subject: "", from: [], to: [], body: { type: "text", text: "" } },
  },
];

// Prints a reading for each message, as JSON: node peers.mjs PACKAGE FILE...

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [name, ...files] = process.argv.slice(2);

const shown = (name, address) =>
  name && address ? `${name} <${address}>` : address ? `<${address}>` : name || "";

const file = (name, bytes) => ({
  name: name || "",
  sha: createHash("sha256").update(Buffer.from(bytes)).digest("hex"),
});

const seconds = (date) => {
  const time = date ? new Date(date).getTime() : NaN;
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
};

const readers = {
  async mailparser(bytes) {
    const { simpleParser } = await import("mailparser");
    const mail = await simpleParser(bytes, { skipTextToHtml: true });
    const addresses = (field) =>
      [field].flat().flatMap((list) =>
        (list?.value || []).flatMap((entry) =>
          entry.group
            ? [entry.name, ...entry.group.map((one) => shown(one.name, one.address))]
            : [shown(entry.name, entry.address)],
        ),
      );
    return {
      subject: mail.subject || "",
      from: addresses(mail.from),
      to: addresses(mail.to),
      texts: mail.text ? [mail.text] : [],
      html: mail.html ? [mail.html] : [],
      files: mail.attachments.map((one) => file(one.filename, one.content)),
      date: seconds(mail.date),
    };
  },
  async "postal-mime"(bytes) {
    const { default: PostalMime } = await import("postal-mime");
    const mail = await PostalMime.parse(bytes);
    const addresses = (list) =>
      (list || []).flatMap((entry) =>
        entry.group
          ? [entry.name, ...entry.group.map((one) => shown(one.name, one.address))]
          : [shown(entry.name, entry.address)],
      );
    return {
      subject: mail.subject || "",
      from: addresses(mail.from && [mail.from]),
      to: addresses(mail.to),
      texts: mail.text ? [mail.text] : [],
      html: mail.html ? [mail.html] : [],
      files: mail.attachments.map((one) => file(one.filename, one.content)),
      date: seconds(mail.date),
    };
  },
};

const readings = [];
for (const path of files) {
  try {
    readings.push(await readers[name](readFileSync(path)));
  } catch (error) {
    console.error(`${path}: ${error.message}`);
    readings.push({});
  }
}
console.log(JSON.stringify(readings));

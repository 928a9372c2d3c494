// Search in scripts without spaces and in long texts, and messages that are too long to show whole, in
// the shipped files.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { HOST, PASSWORD, USER, startDovecot } from "./support/dovecot.mjs";
import { before, test } from "./support/limits.mjs";
import { shared, until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const message = (subject, text, fields = "") => `From: Writer <writer@restante.test>\r
To: reader@restante.test\r
${fields}Subject: ${subject}\r
Date: Mon, 2 Nov 2026 10:00:00 +0000\r
Content-Type: text/plain; charset=utf-8\r
\r
${text}\r
`;

const RECIPIENTS = Array.from({ length: 1_200 }, (_, index) => `Guest ${index + 1} <g${index + 1}@list.test>`);
const LINE = "One of many lines that nobody reads to the end.\r\n";
const PICTURE = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(6_800_000, "pixels")]);

const MESSAGES = [
  message("Thai", "รถไฟขบวนสุดท้ายออกจากสถานีตอนเที่ยงคืน"),
  message("Korean", "회의자료를 첨부합니다"),
  message("Chinese", "火车票已经寄到您的新地址"),
  message("Japanese", "来週は図書館で、ﾌﾟﾘﾝﾀも使えます"),
  message("Arabic", "وصل القِطَارُ إلى المدينة"),
  message("Polish", "Pociąg do Łomży 🚂"),
  message("Long", `${LINE.repeat(20_000)}omega`),
  message("Longest", `${LINE.repeat(50_000)}omega`),
  message("Invitation", "come", `Cc: ${RECIPIENTS.join(",\r\n ")}\r\n`),
  message("Picture", "").replace(
    "text/plain; charset=utf-8\r\n",
    `text/html\r\n\r\n<p>before</p><img src="data:image/png;base64,${PICTURE.toString("base64").replace(/.{76}/g, "$&\r\n")}"><p>after</p>`,
  ),
];

describe("search and large messages", () => {
  const t = shared();
  let page;

  before(async () => {
    const dovecot = await startDovecot(t, MESSAGES);
    const port = dovecot.ports.tls;
    const bridge = await startBridge(t, { allow: [`${HOST}:${port}=127.0.0.1`] });
    ({ page } = await startBrowser(t));
    await reader.visit(page, bridge.url);
    await reader.addMailbox(page, {
      user: USER, password: PASSWORD, server: HOST, port, encryption: "TLS", ca: dovecot.caPem,
    });
    await reader.allArrived(page);
  });

  const finds = async (text, subjects) => {
    await reader.search(page).fill(text);
    await until(`"${text}" finds ${subjects}`, async () => {
      const rows = await reader.rows(page).allInnerTexts();
      const complete = !(await page.getByText("to search yet").count());
      return complete && rows.length === subjects.length && subjects.every((subject) => rows.some((row) => row.includes(subject)));
    });
  };

  for (const [text, subject] of [
    ["สถานี", "Thai"], ["자료", "Korean"], ["车票", "Chinese"], ["図書館", "Japanese"], ["プリンタ", "Japanese"],
    ["المدينه", "Arabic"], ["قطار", "Arabic"], ["lomzy", "Polish"], ["🚂", "Polish"], ["g1199@list", "Invitation"],
  ]) {
    test(`"${text}" is found`, () => finds(text, [subject]));
  }

  test("a long text is searched to its end, and the page says which one is not", async () => {
    await finds("omega", ["Long"]);
    await page.getByText("The end of 1 very long message is not searched.").waitFor();
    await reader.search(page).fill("");
  });

  test("a text that is too long to show says so", async () => {
    await reader.open(page, "Longest");
    await reader.article(page).getByText("The rest of this text is too long to show").waitFor();
  });

  test("the text after a large picture in its HTML is shown", async () => {
    await reader.open(page, "Picture");
    await reader.mail(page).getByText("after").waitFor();
    const source = await reader.mail(page).locator("img").getAttribute("src");
    assert.equal(source.length, "data:image/png;base64,".length + Math.ceil(PICTURE.length / 3) * 4);
  });

  test("all of 1,200 recipients are reached with the keyboard", async () => {
    await reader.open(page, "Invitation");
    const fold = reader.article(page).getByText("and 1,190 more");
    await fold.waitFor();
    assert.ok(!(await reader.article(page).getByText("g1200@list.test").isVisible()));
    await until("the fold has the focus", async () => {
      await page.keyboard.press("Tab");
      return fold.evaluate((element) => element === document.activeElement);
    });
    await page.keyboard.press("Enter");
    await reader.article(page).getByText("g1200@list.test").waitFor();
    const fields = await reader.article(page).locator("dl").innerText();
    for (let guest = 1; guest <= 1_200; guest += 1) assert.ok(fields.includes(`<g${guest}@list.test>`), `guest ${guest}`);
    await page.keyboard.press("Enter");
    assert.ok(!(await reader.article(page).getByText("g1200@list.test").isVisible()));
  });
});

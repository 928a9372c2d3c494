// The demo mailbox, from the first click to every kind of message in it.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { startBridge } from "./support/bridge.mjs";
import { startBrowser } from "./support/browser.mjs";
import { before, test } from "./support/limits.mjs";
import { shared, until } from "./support/machine.mjs";
import * as reader from "./support/reader.mjs";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

describe("the demo mailbox", () => {
  const t = shared();
  let page;
  let context;
  let errors;

  before(async () => {
    const bridge = await startBridge(t, { demo: true });
    ({ page, context, errors } = await startBrowser(t));
    await reader.visit(page, bridge.url);
    await reader.tryDemo(page);
  });

  const textOf = async (subject) => {
    await reader.open(page, subject);
    const frame = reader.article(page).locator("iframe");
    const body = (await frame.count()) ? reader.mail(page).locator("body") : reader.article(page);
    return body.innerText();
  };

  test("lists all messages, newest first, with sender, subject and beginning", async () => {
    assert.ok((await reader.messageCount(page)) >= 40);
    const first = await reader.rows(page).first().innerText();
    assert.match(first, /Welcome to Restante/);
    assert.match(first, /The Postmaster/);
    assert.match(first, /Poste restante|Welcome\./);
  });

  test("a message is unread until it is opened", async () => {
    const row = reader.row(page, "Minutes of the meeting");
    const name = () => row.evaluate((e) => `${e.getAttribute("aria-label") ?? ""} ${e.textContent}`);
    assert.match(await name(), /unread/i);
    await reader.open(page, "Minutes of the meeting");
    await until("the row is read", async () => !/unread/i.test(await name()));
  });

  test("the welcome message is shown as HTML", async () => {
    assert.match(await textOf("Welcome to Restante"), /Your mail has been waiting for you/);
    assert.equal(await reader.mail(page).getByRole("heading", { level: 1 }).count(), 1);
  });

  for (const [charset, subject, words] of [
    ["UTF-8", "Minutes of the meeting", /minutes/i],
    ["ISO-8859-1", "Grüße von der Hallig", /[äöüß]/],
    ["windows-1251", "Борщ", /борщ/i],
    ["KOI8-R", "Зимнее расписание", /[а-я]{4}/i],
    ["Shift_JIS", "温泉", /[\u3040-\u30ff]/],
    ["ISO-2022-JP", "手紙", /[\u3040-\u30ff]/],
    ["EUC-KR", "반납일", /[\uac00-\ud7af]/],
    ["GB18030", "茶", /[\u4e00-\u9fff]/],
    ["windows-1255, right to left", "שמן", /[\u0590-\u05ff]/],
    ["Arabic", "أمسية", /[\u0600-\u06ff]/],
  ]) {
    test(`text in ${charset} is readable`, async () => {
      const text = await textOf(subject);
      assert.match(text, words);
      assert.doesNotMatch(text, /\ufffd/);
    });
  }

  test("the pictures of a newsletter load only on request", async () => {
    const asked = [];
    await context.route("https://*.example/**", (route) => {
      asked.push(route.request().url());
      return route.fulfill({ contentType: "image/png", body: PIXEL });
    });
    const text = await textOf("The winter issue is here");
    assert.match(text, /Walk until you cannot see the jetty/);
    assert.deepEqual(asked, []);
    const picture = reader.mail(page).getByRole("img", { name: "A jetty that ends in fog" });
    await page.getByRole("button", { name: "Load remote images" }).click();
    await until("the picture has loaded", () =>
      picture.evaluate((image) => image.complete && image.naturalWidth === 1).catch(() => false),
    );
    assert.ok(asked.includes("https://images.fieldandharbour.example/winter/fog.jpg"), asked.join());
    assert.equal(await page.getByRole("button", { name: "Load remote images" }).count(), 0);
    await context.unroute("https://*.example/**");
  });

  test("pictures inside a message are shown at once", async () => {
    await reader.open(page, "A postcard from the far end of the bus line");
    const picture = reader.mail(page).getByRole("img", { name: "The sun going down behind two hills" });
    await until("the picture has loaded", () =>
      picture.evaluate((image) => image.complete && image.naturalWidth === 240),
    );
    assert.equal(await page.getByRole("button", { name: "Load remote images" }).count(), 0);
  });

  test("each reply of a thread opens with its own text", async () => {
    const replies = reader.rows(page).filter({ hasText: "Gannet Ridge, and who brings the thermos?" });
    assert.equal(await replies.count(), 6);
    const texts = new Set();
    for (let index = 0; index < 6; index += 1) {
      await replies.nth(index).click();
      await until("the reply is open", () =>
        replies.nth(index).evaluate(
          (row) =>
            row.getAttribute("aria-selected") === "true" &&
            document.querySelector("article[aria-busy=false]") !== null,
        ),
      );
      texts.add(await reader.article(page).innerText());
    }
    assert.equal(texts.size, 6);
  });

  test("attachments keep their names in four encodings", async () => {
    await reader.open(page, "Four ways to name a file");
    const list = await reader.attachments(page).innerText();
    for (const name of [
      "żółw i gęś.txt",
      "A rather long name for a small file – in three pieces.txt",
      "手紙の書き方.txt",
      "Überraschung für später.txt",
    ]) {
      assert.ok(list.includes(name), `${name} in ${list}`);
    }
    const control = reader.attachments(page).getByRole("button", { name: /żółw/ });
    const file = await reader.download(page, control);
    assert.equal(file.name, "żółw i gęś.txt");
    assert.equal(file.octets.toString(), "Żółw i gęś szli na pocztę.\r\n");
  });

  test("a file of 6 MB arrives unchanged", async () => {
    await reader.open(page, "The view, in full");
    const control = reader.attachments(page).getByRole("button", { name: /the view, in full/ });
    const file = await reader.download(page, control);
    assert.equal(file.name, "the view, in full.bmp");
    // 2048 × 1024 pixels of three bytes each, after a header with these sizes.
    assert.equal(file.octets.subarray(0, 2).toString("latin1"), "BM");
    assert.equal(file.octets.readUInt32LE(2), file.octets.length);
    assert.equal(file.octets.readInt32LE(18), 2048);
    assert.equal(file.octets.length - file.octets.readUInt32LE(10), 2048 * 1024 * 3);
  });

  test("a message inside a message can be saved", async () => {
    await reader.open(page, "Fwd: Found: one thermos");
    const control = reader.attachedMessages(page).getByRole("button", { name: /^Download/ });
    const file = await reader.download(page, control);
    assert.match(file.octets.toString("latin1"), /^(Received|Return-Path|From|Subject|Date|To|Message-ID|MIME-Version):/m);
  });

  test("a message inside a message opens, and Back returns to the outer one", async () => {
    await reader.open(page, "Fwd: Found: one thermos");
    await reader.attachedMessages(page).getByRole("button", { name: "Open" }).click();
    await reader.article(page).getByRole("heading", { name: /^Found: one thermos/ }).waitFor();
    await page.goBack();
    await reader.article(page).getByRole("heading", { name: /^Fwd: Found: one thermos/ }).waitFor();
  });

  test("an invitation shows its event", async () => {
    await reader.open(page, "Invitation: The reunion");
    const card = reader.article(page).getByRole("region", { name: "Event" });
    const words = await card.innerText();
    assert.match(words, /The reunion of the thermos and its lid/);
    assert.match(words, /Gannet Ridge Tea Room, the table by the window/);
    assert.match(words, /Mara Lindqvist/);
  });

  test("the readable part of a broken structure is shown", async () => {
    await reader.open(page, "closed, boundary lost");
    assert.match(await reader.article(page).innerText(), /Dear customer/);
  });

  for (const subject of ["Half a word", "Everything I have to say about the marrow", "A letter without a date"]) {
    test(`an unusual message opens: ${subject}`, async () => {
      await reader.open(page, subject);
    });
  }

  test("the source is the message as the server sent it", async () => {
    await reader.open(page, ". .. ... (a message about full stops)");
    await page.getByRole("button", { name: "View source" }).click();
    const source = page.getByRole("dialog", { name: "Message source" });
    await until("the source has loaded", async () =>
      /^Subject: \. \.\. \.\.\./m.test(await source.innerText()),
    );
    const lines = (await source.innerText()).split("\n").map((line) => line.trimEnd());
    for (const line of [".", ".."]) assert.ok(lines.includes(line), `a line of ${line}`);
    await page.keyboard.press("Escape");
    await source.waitFor({ state: "detached" });
  });

  test("search finds words, and the beginnings of words", async () => {
    for (const [words, subject] of [
      ["thermos", "Gannet Ridge"],
      ["борщ", "Борщ"],
      ["marr", "marrow"],
    ]) {
      await reader.search(page).fill(words);
      await until(`${words} is found`, async () => {
        const texts = await reader.rows(page).allInnerTexts();
        return texts.length > 0 && texts.length < 20 && texts.some((text) => text.includes(subject));
      });
    }
    await reader.search(page).fill("zzznothing");
    await until("nothing is found", async () => (await reader.rows(page).count()) === 0);
    await reader.search(page).fill("");
    await until("all is listed again", async () => (await reader.messageCount(page)) >= 40);
  });

  test("a second check finds no new mail and duplicates none", async () => {
    const count = await reader.messageCount(page);
    await page.getByRole("button", { name: "Check mail" }).click();
    await reader.hears(page, "No new mail");
    assert.equal(await reader.messageCount(page), count);
  });

  test("the page throws no uncaught error", () => {
    assert.deepEqual(errors, []);
  });
});

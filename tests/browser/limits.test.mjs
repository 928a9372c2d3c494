// A hang fails the test, and the message names the step.

import assert from "node:assert/strict";

import { startBrowser } from "./support/browser.mjs";
import { limited, test, within } from "./support/limits.mjs";
import { until } from "./support/machine.mjs";

const never = new Promise(() => {});

test("a step that hangs fails with its name", async () => {
  await assert.rejects(within("for the reply", never, 0.01), /waited 0.01 s for the reply/);
  await assert.rejects(until("the list is complete", () => never, 0.01), /waited 0.01 s until the list is complete/);
  await assert.rejects(until("the list is complete", () => false, 0.01), /waited 0.01 s until the list is complete/);
});

test("a question that is never answered is asked again", async () => {
  const answers = [never, Promise.resolve(false), Promise.resolve(true)];
  assert.equal(await until("the list is complete", () => answers.shift(), 1), true);
  assert.equal(answers.length, 0);
});

test("a test that hangs fails with the steps that have not ended", async () => {
  const body = () => Promise.all([within("for the reply", never), until("the list is complete", () => never, 1)]);
  await assert.rejects(limited(body, 0.01), /still waiting for the reply and until the list is complete/);
});

test("a test that hangs between two steps fails with the last one", async () => {
  const body = async () => {
    await within("for the reply", Promise.resolve());
    await never;
  };
  await assert.rejects(limited(body, 0.01), /the last wait was for the reply/);
});

test("a step returns its result, and its error if it fails", async () => {
  assert.equal(await within("for the reply", Promise.resolve(7)), 7);
  await assert.rejects(within("for the reply", Promise.reject(new Error("refused"))), /^Error: refused$/);
  await limited(async () => {});
});

test("the script of a page is named where it hangs", async (t) => {
  const { page } = await startBrowser(t);
  const body = () => page.evaluate(() => new Promise(() => {}));
  await assert.rejects(limited(body, 1), /still waiting for page\.evaluate\(\(\) => new Promise/);
});

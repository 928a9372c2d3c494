// Time limits: a test that hangs fails, and its message names the step.

import * as node from "node:test";

// The time that a test or a preparation may take. It is longer than that of a step, so that a step
// which hangs reports itself.
const TEST_SECONDS = 180;
const STEP_SECONDS = 60;

// The steps that have not ended, in the order of their beginnings, and the step that began last.
const pending = new Set();
let last;

// Rejects `passed` with the text of `message` after `seconds`, unless it is cancelled before, and at once
// if it is abandoned.
function startLimit(seconds, message) {
  let timer;
  let abandon;
  const passed = new Promise((_, reject) => {
    abandon = () => reject(new Error("the test is over"));
    timer = setTimeout(() => reject(new Error(message())), seconds * 1000);
  });
  return { passed, abandon, cancel: () => clearTimeout(timer) };
}

// Returns the result of a step, or fails after `seconds` with the step's name, such as "for the reply".
export function within(step, promise, seconds = STEP_SECONDS) {
  const result = limitStep(step, promise, seconds);
  // A step that the test does not await is no failure of its own.
  result.catch(() => {});
  return result;
}

async function limitStep(step, promise, seconds) {
  const limit = startLimit(seconds, () => `waited ${seconds} s ${step}`);
  const entry = { step, limit };
  pending.add(entry);
  last = step;
  try {
    return await Promise.race([promise, limit.passed]);
  } finally {
    limit.cancel();
    pending.delete(entry);
  }
}

function unfinished() {
  const steps = Array.from(pending, ({ step }) => step);
  if (steps.length > 0) return `still waiting ${steps.join(" and ")}`;
  return last ? `the last wait was ${last}` : "before its first wait";
}

// Ends the steps of a test that is over, which would keep the program running.
function abandon() {
  for (const { limit } of pending) limit.abandon();
}

// Runs the body of a test or a preparation within its limit.
export async function limited(body, seconds = TEST_SECONDS) {
  last = undefined;
  const limit = startLimit(seconds, () => `not finished after ${seconds} s: ${unfinished()}`);
  try {
    await Promise.race([body(), limit.passed]);
  } finally {
    limit.cancel();
    abandon();
  }
}

// `test` and `before` of node:test, within a limit.
export const test = (name, body) => node.test(name, (t) => limited(async () => body(t)));
export const before = (body) => node.before(() => limited(async () => body()));

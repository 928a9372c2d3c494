// Checks states of the page at three widths, light and dark: saves screenshots, and reports
// accessibility problems and content that is too wide.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { startBrowser } from "./browser.mjs";
import { before, test } from "./limits.mjs";
import { given, shared } from "./machine.mjs";
import { serveClient, visitWith } from "./page.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [
  [360, 740],
  [768, 1024],
  [1440, 900],
];

async function problems(page) {
  // Half a megabyte, which takes as long to load as to run.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { iframes: false, resultTypes: ["violations"] }),
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (wide > 0) found.push(`${wide} px too wide`);
  return found;
}

// Defines a test for each state. A state has a name, the options of the fake engine (see
// fake-engine.js; `hash` is the route of the visit), and a function that prepares the page. Call
// this in a `describe`.
export function lookAt(states) {
  const t = shared();
  const folder = join(given("RESTANTE_ARTIFACTS"), "screenshots");
  let url;
  let context;

  before(async () => {
    mkdirSync(folder, { recursive: true });
    url = await serveClient(t);
    ({ context } = await startBrowser(t));
  });

  for (const [name, { hash, ...engine }, prepare] of states) {
    test(name, async () => {
      const found = [];
      for (const [width, height] of SIZES) {
        const page = await visitWith(context, url, engine, { width, height, hash });
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        await prepare?.(page);
        await page.waitForFunction(() => !document.querySelector("[role=grid][aria-busy=true], .row.is-loading") || window.fakeEngineOptions.expects);
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await page.screenshot({ path: join(folder, `page-${name}-${width}-${colorScheme}.png`) });
          found.push(...(await problems(page)).map((problem) => `${width} ${colorScheme}: ${problem}`));
        }
        await page.close();
      }
      assert.deepEqual(found, []);
    });
  }
}

// Opens a page in Chromium as people do, and prints as JSON what axe finds and whether it overflows sideways.
// Usage: node look.mjs CHROMIUM PAGE FOLDER   (writes screenshots into FOLDER)
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const require = createRequire(process.cwd() + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [program, page, folder] = process.argv.slice(2);
const LOOKS = {
  desktop: { width: 1280, colorScheme: "light" },
  dark: { width: 1280, colorScheme: "dark" },
  phone: { width: 400, colorScheme: "light" },
  "phone-dark": { width: 400, colorScheme: "dark" },
  print: { width: 800, colorScheme: "light", media: "print" },
};

const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
const seen = {};
for (const [name, look] of Object.entries(LOOKS)) {
  // The page's own policy forbids every script, axe too.
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 }, colorScheme: look.colorScheme, bypassCSP: true,
  });
  const tab = await context.newPage();
  const asked = [];
  tab.on("request", (request) => asked.push(request.url()));
  await tab.goto(pathToFileURL(page).href);
  if (look.media) await tab.emulateMedia({ media: look.media });
  await tab.evaluate(() => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
  await tab.evaluate(axe);
  const result = await tab.evaluate(() => axe.run());
  seen[name] = {
    violations: result.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 200)} ${each.nodes[0].failureSummary}`),
    passes: result.passes.length,
    overflow: await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    requests: asked.length,
  };
  await tab.evaluate(() => document.querySelectorAll("details").forEach((each) => { each.open = false; }));
  const clip = { x: 0, y: 0, width: look.width, height: 3000 };
  await tab.screenshot({ path: `${folder}/${name}.png`, fullPage: true, clip });
  await context.close();
}
await browser.close();
console.log(JSON.stringify(seen));

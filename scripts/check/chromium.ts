import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";
import { aptInstall } from "./apt.ts";
import { run } from "./steps.ts";

/** The path of a Chromium: CHROMIUM_PATH, Playwright's own, Debian's; else Playwright's is downloaded, else apt's installed. */
export async function findChromium(): Promise<string> {
  const known = [process.env.CHROMIUM_PATH, chromium.executablePath(), "/usr/bin/chromium"];
  const found = known.find((path) => path && existsSync(path));
  if (found) return found;
  try {
    await run("bunx", ["--bun", "playwright", "install", "chromium"]);
    return chromium.executablePath();
  } catch {
    await aptInstall("chromium");
    return "/usr/bin/chromium";
  }
}

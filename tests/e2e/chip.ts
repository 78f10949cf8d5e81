import type { Page } from "@playwright/test";

declare global {
  interface Window {
    chipSaid: string[];
  }
}

/** Waits until the page is live and notes from then on what its connection chip says; answers with all that it said. */
export async function watchChip(page: Page): Promise<() => Promise<string>> {
  await page.getByText("Live", { exact: true }).first().waitFor();
  await page.evaluate(() => {
    window.chipSaid = [];
    const look = () => {
      const chip = document.querySelector("header [role=status]")?.textContent ?? "";
      const [word] = /^(Live|Catching up|Offline since)/.exec(chip) ?? [];
      if (word && word !== window.chipSaid.at(-1)) window.chipSaid.push(word);
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => window.chipSaid.join(", "));
}

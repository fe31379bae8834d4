import type { Page } from 'playwright-core';

/** What has the focus: its role and accessible name, as a screen reader says them. */
const focused = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return '';
  const label = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? element.textContent ?? '';
  return (element.getAttribute('type') ?? element.localName) + ' ' + label.trim();
})()`;

/** Uses a page without a mouse. */
export class Keyboard {
  constructor(private readonly page: Page) {}

  /** Goes on with Tab until what is wanted has the focus. Throws with what had it on the way where nothing of the kind can be reached. */
  async to(wanted: RegExp): Promise<void> {
    const seen: string[] = [];
    for (let press = 0; press < 120; press += 1) {
      const current = String(await this.page.evaluate(focused));
      if (wanted.test(current)) return;
      seen.push(current);
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${String(wanted)}; it leads to ${[...new Set(seen)].join(' | ')}`);
  }

  /** Goes to a field and replaces what stands in it. */
  async fill(field: RegExp, text: string): Promise<void> {
    await this.to(field);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.type(text);
  }

  /** Goes to something and presses a key on it, once or more. */
  async press(wanted: RegExp, key: string, times = 1): Promise<void> {
    await this.to(wanted);
    for (let press = 0; press < times; press += 1) await this.page.keyboard.press(key);
  }
}

/** Whether a page has been gone to from another one: the first one a browser shows takes no focus. */
let gone = false;

/** Gives the focus to the heading of the page that was gone to, so that a screen reader begins there. */
export function focusHeading(): void {
  gone = true;
  heading()?.focus();
}

/** Gives it to a heading that has taken the place of one that had it, as when what was read is there. */
export function keepFocus(): void {
  if (gone && (document.activeElement === null || document.activeElement === document.body)) heading()?.focus();
}

function heading(): HTMLElement | null {
  return document.querySelector<HTMLElement>('main h1');
}

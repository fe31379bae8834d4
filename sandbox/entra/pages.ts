import type { User } from './tenant.js';

/** A page for people who sign in. @param body HTML; what comes from outside has to be escaped. */
export function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head><body><h1>${escaped(title)}</h1>${body}</body></html>`;
}

/** The sign-in page: it asks who somebody is and takes their word for it. */
export function signInPage(tenantName: string, application: string, users: readonly User[]): string {
  const choices = users.map(({ id, displayName, userPrincipalName }) => `<p><button name="user" value="${escaped(id)}">${escaped(displayName)} (${escaped(userPrincipalName)})</button></p>`);
  return page(`Sign in to ${tenantName}`, `<p>${escaped(application)} wants to know who you are. This is a sandbox: there are no passwords.</p><form method="post">${choices.join('')}</form>`);
}

/** A form of the library's, with a button, since it has none of its own. */
export function formPage(title: string, text: string, form: string): string {
  const id = /id="([^"]+)"/.exec(form)?.[1] ?? '';
  return page(title, `<p>${escaped(text)}</p>${form}<p><button type="submit" form="${escaped(id)}">Continue</button></p>`);
}

/** A page that only says something. */
export function textPage(title: string, text: string): string {
  return page(title, `<p>${escaped(text)}</p>`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

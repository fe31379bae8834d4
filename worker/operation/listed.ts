/** The first of some words, and how many more there are: `a, b and 3 more`. */
export function listed(words: readonly string[], most = 5, between = ', '): string {
  return words.slice(0, most).join(between) + (words.length > most ? ` and ${words.length - most} more` : '');
}

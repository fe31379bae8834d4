/** The states that may become `next`, as the JSON texts that scripts compare with. */
export function movesInto<State extends string>(moves: Readonly<Record<State, readonly State[]>>, next: State): string[] {
  const states = Object.keys(moves) as State[];
  return states.filter((state) => moves[state].includes(next)).map((state) => JSON.stringify(state));
}

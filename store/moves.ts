/** The states that may become `next`. */
export function movesInto<State extends string>(moves: Readonly<Record<State, readonly State[]>>, next: State): State[] {
  const states = Object.keys(moves) as State[];
  return states.filter((state) => moves[state].includes(next));
}

/** Where child processes write: the starter's own output, or an open file. */
export type ChildOutput = 'inherit' | number;

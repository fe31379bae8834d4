/** How the command line ends. Scripts rely on these numbers: docs/cli.md has them, and they do not change. */
export const exitCodes = {
  done: 0,
  /** A fault of the command line or the service. */
  unexpected: 1,
  /** The arguments or the document are not valid. */
  refused: 2,
  /** The job failed or was cancelled. */
  jobFailed: 3,
  /** `--timeout` has passed; the job goes on. */
  timedOut: 4,
  /** Things are not as the request takes them to be: not found, exists already, changed since, a job stands in the way. */
  conflict: 5,
  /** Nobody is signed in, or whoever is may not do this. */
  forbidden: 6,
  /** The service, or what it needs, does not answer. */
  unreachable: 7,
  /** `drift --check`: something is other than it should be, or could not be looked at. */
  drift: 8,
  /** 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

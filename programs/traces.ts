/** How long traces are kept, in days: long enough to look into what went wrong last week. The store drops what Tempo has left behind after the same time. */
export const traceRetentionDays = 14;

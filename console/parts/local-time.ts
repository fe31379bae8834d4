/** A time as an input of type `datetime-local` has it: in the zone of who looks, to the minute. */
export function localText(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The time that such an input stands for, as the API takes it. What is no time is sent as it is, for the service to say so. */
export function timeOf(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

/** The file in a service's home that has a line for each stand-in of an operation that was begun: the id of its job. In a file of its own, so that the stand-in loads nothing else. */
export const journal = 'stand-in.log';

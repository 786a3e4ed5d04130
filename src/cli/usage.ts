/** What is typed wrong on the command line, in one line for the person who typed it. */
export class UsageError extends Error {}

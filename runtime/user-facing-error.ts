/** An error whose message is written for the person at the terminal: programs print the message alone, without a stack. */
export class UserFacingError extends Error {}

/** Runs a command with its arguments and options, and returns the exit code. */
export type Action = (...given: never[]) => Promise<number>;

/** Returns commander's handler of a command, which loads the command's code when it runs. */
export type On = (load: () => Promise<Action>) => (...given: unknown[]) => Promise<void>;

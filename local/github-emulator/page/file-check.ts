/** A problem of a file's content. `line` counts from 1. */
export type FileProblem = { line: number; message: string };

/** Checks one file of the repository before a person commits it. */
export type FileCheck = {
  /** The file's path. */
  path: string;
  /** Returns the problems; none if the content is valid. */
  check(text: string): Promise<readonly FileProblem[]>;
};

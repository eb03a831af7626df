/** One line that something in the run wrote. */
export interface LogLine {
  /** `function:Stack/LogicalId`, `access-log:Stack`, `gateway:Stack`, `dynamodb`, `control-plane`, `schedule:Stack/LogicalId` or
   * `sign-in:Stack/LogicalId`. */
  readonly source: string;
  readonly text: string;
  readonly at: Date;
}

export type Log = (line: LogLine) => void;

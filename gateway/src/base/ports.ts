/** What every layer may ask of the outside without knowing who provides it; `app/` decides. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Counts what happens in the gateway. Names, units of what is stored, and bounds are those of `telemetry/`; seconds and bytes. */
export interface Meter {
  request(method: string, route: string, status: number): void;
  /** A sandbox was asked for; `outcome` is `opened` or a code of the error catalogue. */
  opened(policy: string, outcome: string, seconds: number): void;
  /** A cell has ended. */
  executed(policy: string, seconds: number): void;
  /** Output of a cell was cut by its policy's limit. */
  outputCut(policy: string, bytes: number): void;
  /** A statement of the database has ended. */
  stored(kind: string, seconds: number, failed: boolean): void;
}

export const silentMeter: Meter = {
  request: () => {},
  opened: () => {},
  executed: () => {},
  outputCut: () => {},
  stored: () => {},
};

/** Counts what happens in the warden. */
export interface WardenMeter {
  /** Seconds from asking for the container until its agent answered. */
  started(policy: string, seconds: number): void;
  startFailed(policy: string): void;
}

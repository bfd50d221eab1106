import type { KernelMessage } from '../wire/kernel-message.ts';

/** What the relay asks of a client's socket; `edge/ws` implements it for both wire formats. */
export interface KernelClient {
  /** Queues a message for the client. */
  send(message: KernelMessage): void;
  /** Calls back once the client's side holds everything sent before this call (a WebSocket ping that was answered). */
  sync(delivered: () => void): void;
  /** Bytes that wait on this side of the network. */
  readonly bufferedAmount: number;
  /** Ends the socket with a WebSocket close code; 1000 means "your kernel is gone", 1012 and 1013 "come back". */
  close(code: number, reason: string): void;
}

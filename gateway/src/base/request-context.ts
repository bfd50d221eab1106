/**
 * The id of the request that is being answered, wherever its work has gone: every line of the log that is written meanwhile carries
 * it, and so do the questions that it causes at the warden.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** Of the request and of its answer. */
export const REQUEST_ID = 'x-request-id';
/** What others may write into our log. */
const USABLE = /^[\w.:-]{1,64}$/;

const current = new AsyncLocalStorage<string>();

/** What the sender has named it, where that may stand in a log; a name of ours otherwise. */
export const requestIdOf = (sent: string | string[] | undefined): string =>
  typeof sent === 'string' && USABLE.test(sent) ? sent : randomBytes(8).toString('hex');

export const withRequest = <T>(id: string, work: () => T): T => current.run(id, work);

/** Undefined where no request is the cause. */
export const requestId = (): string | undefined => current.getStore();

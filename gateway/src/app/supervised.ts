/**
 * The channel between the supervisor and its two parts. The supervisor loads neither store nor policies, which would cost it more
 * memory and time than all else: what only these know, its parts tell it.
 */
export type Told =
  | { readonly type: 'ready' }
  /** What a part waits for; absent where for nothing. */
  | { readonly type: 'lack'; readonly message?: string }
  /** It cannot run. */
  | { readonly type: 'failed'; readonly message: string }
  /** For the address that is printed; absent where the administrator has disabled `admin`. */
  | { readonly type: 'printed'; readonly token?: string };

/** On the command line of a part: other programs that start one keep a channel to it too. */
export const SUPERVISED = '--supervised';
export const isSupervised = (): boolean => process.connected && process.argv.includes(SUPERVISED);

/** What the gateway is asked. */
export const PRINT = 'print';

/** Resolves when it is on its way, at once where nobody listens. */
export function tellSupervisor(told: Told): Promise<void> {
  return new Promise((done) => {
    if (process.send === undefined || !process.connected) done();
    else process.send(told, undefined, {}, () => done());
  });
}

/** Makes a token whenever the supervisor asks for one, and tells it. */
export function answerSupervisor(token: () => Promise<string | undefined>): void {
  process.on('message', (message) => {
    if (message !== PRINT) return;
    void token().then((made) => tellSupervisor({ type: 'printed', ...(made === undefined ? {} : { token: made }) }));
  });
  process.channel?.unref();
}

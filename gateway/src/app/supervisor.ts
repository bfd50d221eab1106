/**
 * Keeps warden and gateway running. At the end the gateway goes first, so that nobody is promised a kernel any more, then the
 * warden, which removes all sandboxes.
 */
import { CarrelError } from '../base/errors.ts';
import type { Settings } from '../config/settings.ts';
import { lockDataFolder } from '../store/data-lock.ts';
import { KeptProcess, type PartEvents } from './child-process.ts';
import { signInAddress } from './places.ts';
import { settleMemory } from './settle-memory.ts';
import { PRINT, type Told } from './supervised.ts';

/** Milliseconds: the gateway has little to end, the warden removes every container. */
const GATEWAY_END = 10_000;
const WARDEN_END = 60_000;
/** A start in good order is over before. */
const SAY_AFTER = 1500;
/** One Ctrl-C arrives more than once where npm and the shell pass it on too. */
const ECHO = 1000;

const NO_WARDEN = 'Waiting for the warden …';
const NO_DATABASE = 'Waiting for the database, which is tried again and again: ';
const NO_ENGINE = 'Waiting for the container engine, which is tried again and again: ';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Runs until a signal ends it, or a part cannot run. Throws `invalid_settings`. */
export async function runSupervisor(settings: Settings): Promise<void> {
  using _folder = lockDataFolder(settings.dataFolder);
  const ended = new EndSignal();
  const news = new News();
  const events: PartEvents = {
    onDeath: (part, how, again) => say(`The ${part} has ended (${how}); it is started again in ${again / 1000} s.`),
    onTold: (part, told) => news.take(part, told),
    onMisconfigured: () => ended.fail(),
  };
  const warden = new KeptProcess('warden', events);
  const gateway = new KeptProcess('gateway', events);
  ended.onSecond(() => {
    say('Ended at once. Containers may be left; the next start removes them.');
    gateway.kill();
    warden.kill();
    process.exit(1);
  });
  if (settings.logFile !== undefined) say(`Log: ${settings.logFile}`);
  warden.start();
  gateway.start();
  await Promise.race([ready(settings, gateway, news), ended.first]);
  await ended.first;
  say('Stopping: ending all worksheets. Ctrl-C again stops at once and may leave containers.');
  await gateway.stop(GATEWAY_END);
  await warden.stop(WARDEN_END);
  const [failure] = news.failures;
  if (failure !== undefined) throw new CarrelError('invalid_settings', failure);
  if (ended.failed) process.exitCode = 1;
}

/** Waits until the warden reaches its engine and the gateway listens, says what it waits for, and prints the address. */
async function ready(settings: Settings, gateway: KeptProcess, news: News): Promise<void> {
  const waiting = setTimeout(() => news.tellLacks(), SAY_AFTER);
  await news.wardenReady;
  await news.gatewayReady;
  clearTimeout(waiting);
  gateway.ask(PRINT);
  const token = await news.printed;
  if (token === undefined) say('The user admin is disabled: sign in with a token of another user.');
  say(`Carrel is ready: ${signInAddress(settings, token)}`);
  settleMemory();
}

/** What the parts have told so far. */
class News {
  readonly failures = new Set<string>();
  readonly #warden = Promise.withResolvers<void>();
  readonly #gateway = Promise.withResolvers<void>();
  readonly #printed = Promise.withResolvers<string | undefined>();
  #lack: string | undefined = NO_WARDEN;
  #telling = false;

  /** The first time. */
  get wardenReady(): Promise<void> {
    return this.#warden.promise;
  }

  get gatewayReady(): Promise<void> {
    return this.#gateway.promise;
  }

  get printed(): Promise<string | undefined> {
    return this.#printed.promise;
  }

  /** Says what the warden lacks now, and each other thing that it lacks until it lacks nothing. */
  tellLacks(): void {
    this.#telling = true;
    if (this.#lack !== undefined && this.failures.size === 0) say(this.#lack);
  }

  take(part: string, told: Told): void {
    if (told.type === 'failed') this.failures.add(told.message);
    else if (told.type === 'printed') this.#printed.resolve(told.token);
    else if (told.type === 'lack') {
      if (part === 'warden') this.#takeLack(told.message);
      else say(`${NO_DATABASE}${told.message}`);
    } else if (part === 'gateway') this.#gateway.resolve();
  }

  #takeLack(message: string | undefined): void {
    const lack = message === undefined ? undefined : `${NO_ENGINE}${message}`;
    if (lack === undefined) {
      this.#telling = false;
      this.#warden.resolve();
    } else if (this.#telling && lack !== this.#lack) {
      say(lack);
    }
    this.#lack = lack;
  }
}

/** The first signal asks for an orderly end, the second for one at once. */
class EndSignal {
  readonly first: Promise<void>;
  failed = false;
  has = false;
  #end: () => void = () => {};
  #second: () => void = () => {};

  constructor() {
    this.first = new Promise((done) => {
      this.#end = done;
    });
    let last = Number.NEGATIVE_INFINITY;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (this.has && performance.now() - last > ECHO) this.#second();
        last = performance.now();
        this.#begin();
      });
  }

  onSecond(call: () => void): void {
    this.#second = call;
  }

  /** A part says that it cannot run. */
  fail(): void {
    this.failed = true;
    this.#begin();
  }

  #begin(): void {
    this.has = true;
    this.#end();
  }
}

/**
 * Keeps warden and gateway running. At the end the gateway goes first, so that nobody is promised a kernel any more, then the
 * warden, which removes all sandboxes.
 */
import { http } from '../base/node-http.ts';
import { loadPolicies } from '../config/load-policies.ts';
import type { Settings } from '../config/settings.ts';
import { lockDataFolder } from '../store/data-lock.ts';
import { wardenStatus } from '../wire/warden-api.ts';
import { KeptProcess, type PartEvents } from './child-process.ts';
import { endPrintedToken, openPeople, printedToken } from './people.ts';
import { signInAddress, wardenSocket } from './places.ts';
import { settleMemory } from './settle-memory.ts';

/** Milliseconds: the gateway has little to end, the warden removes every container. */
const GATEWAY_END = 10_000;
const WARDEN_END = 60_000;
const ASK_EVERY = 20;
/** A start in good order is over before. */
const SAY_AFTER = 1500;
/** One Ctrl-C arrives more than once where npm and the shell pass it on too. */
const ECHO = 1000;

const NO_WARDEN = 'Waiting for the warden …';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Runs until a signal ends it. Throws `invalid_settings` or `invalid_policy` before anything was started. */
export async function runSupervisor(settings: Settings): Promise<void> {
  loadPolicies(settings.policyFolder);
  using _folder = lockDataFolder(settings.dataFolder);
  await using people = await openPeople(settings);
  const token = await printedToken(people);
  const ended = new EndSignal();
  const events: PartEvents = {
    onDeath: (part, how, again) => say(`The ${part} has ended (${how}); it is started again in ${again / 1000} s.`),
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
  if (await ready(settings, gateway, ended)) {
    if (token === undefined) say('The user admin is disabled: sign in with a token of another user.');
    say(`Carrel is ready: ${signInAddress(settings, token)}`);
    settleMemory();
  }
  await ended.first;
  say('Stopping: ending all worksheets. Ctrl-C again stops at once and may leave containers.');
  await gateway.stop(GATEWAY_END);
  await warden.stop(WARDEN_END);
  await endPrintedToken(people);
  if (ended.failed) process.exitCode = 1;
}

/**
 * Waits until the gateway listens and the warden reaches its engine, and says what it waits for. False where the end came
 * first.
 */
async function ready(settings: Settings, gateway: KeptProcess, ended: EndSignal): Promise<boolean> {
  const begun = performance.now();
  let said = '';
  for (let missing = await wardenLacks(settings); missing !== undefined; missing = await wardenLacks(settings)) {
    if (ended.has) return false;
    if (missing !== said && performance.now() - begun > SAY_AFTER) {
      said = missing;
      say(missing);
    }
    await new Promise((next) => setTimeout(next, ASK_EVERY));
  }
  await Promise.race([gateway.ready, ended.first]);
  return !ended.has;
}

/** What keeps the warden from starting sandboxes; undefined when nothing does. */
async function wardenLacks(settings: Settings): Promise<string | undefined> {
  const text = await wardenStatusText(settings);
  const parsed = text === undefined ? undefined : wardenStatus.safeParse(JSON.parse(text));
  if (parsed?.success !== true) return NO_WARDEN;
  const { available, message } = parsed.data.engine;
  return available ? undefined : `Waiting for the container engine, which is tried again and again: ${message}`;
}

function wardenStatusText(settings: Settings): Promise<string | undefined> {
  const options = { socketPath: wardenSocket(settings), path: '/status', agent: false, timeout: 2000 };
  return new Promise((done) => {
    const asked = http.request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => done(response.statusCode === 200 ? text : undefined));
      response.once('error', () => done(undefined));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => done(undefined));
    asked.end();
  });
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

/** A container of the fake engine: its state, its streams, and the function that runs in it. */
import { Duplex } from 'node:stream';
import type { ContainerPlan } from './container-plan.ts';
import type { ContainerEvent, ContainerState } from './engine.ts';

/** What a program sees of its container. */
export interface FakeProcess {
  readonly plan: ContainerPlan;
  /** Calls `listener` with every chunk from stdin. */
  onInput(listener: (chunk: Buffer) => void): void;
  /** To stdout. Resolves when every attached reader takes more; with nobody attached the bytes are lost, as with log driver none. */
  write(bytes: Buffer | string): Promise<void>;
  writeError(text: string): void;
  exit(code: number): void;
  /** True once the container has ended, by itself or by `kill`. */
  readonly ended: boolean;
}

export type FakeProgram = (process: FakeProcess) => void;

/** Says that it is ready, as the agent does, then sends back all that is not a keep-alive zero. */
export const greetAndEcho: FakeProgram = (process) => {
  void process.write('carrel/1\r\n');
  process.onInput((chunk) => {
    const bytes = chunk.filter((byte) => byte !== 0);
    if (bytes.length > 0) void process.write(Buffer.from(bytes));
  });
};

const ASIDE = 4096;

export class FakeContainer {
  readonly id: string;
  readonly plan: ContainerPlan;
  /** Resolves with the exit status. */
  readonly ended: Promise<number>;
  readonly #emit: (event: ContainerEvent) => void;
  readonly #streams = new Set<FakeStream>();
  readonly #listeners = new Set<(chunk: Buffer) => void>();
  #status: ContainerState['status'] = 'created';
  #exitCode = 0;
  readonly #end = Promise.withResolvers<number>();

  constructor(id: string, plan: ContainerPlan, emit: (event: ContainerEvent) => void) {
    this.id = id;
    this.plan = plan;
    this.#emit = emit;
    this.ended = this.#end.promise;
  }

  get state(): ContainerState {
    const state = { id: this.id, labels: this.plan.body.Labels, status: this.#status };
    return this.#status === 'exited' ? { ...state, exitCode: this.#exitCode } : state;
  }

  start(program: FakeProgram): void {
    this.#status = 'running';
    this.#emit({ type: 'started', containerId: this.id });
    const container = this;
    program({
      plan: this.plan,
      onInput: (listener) => void this.#listeners.add(listener),
      write: (bytes) => this.#write(Buffer.from(bytes)),
      writeError: (text) => this.#streams.forEach((stream) => void stream.aside(text)),
      exit: (code) => this.exit(code),
      get ended() {
        return container.#status === 'exited';
      },
    });
  }

  attach(onStderr: (text: string) => void): Duplex {
    const stream = new FakeStream(
      (chunk) => {
        if (this.#status === 'running') for (const listener of this.#listeners) listener(chunk);
      },
      onStderr,
      () => void this.#streams.delete(stream),
    );
    if (this.#status === 'exited') stream.finish();
    else this.#streams.add(stream);
    return stream;
  }

  /** Without effect unless it runs. */
  exit(code: number): void {
    if (this.#status !== 'running') return;
    this.#status = 'exited';
    this.#exitCode = code;
    for (const stream of this.#streams) stream.finish();
    this.#streams.clear();
    this.#emit({ type: 'exited', containerId: this.id, exitCode: code });
    this.#end.resolve(code);
  }

  remove(): void {
    this.exit(137);
    this.#status = 'exited';
    for (const stream of this.#streams) stream.finish();
    this.#emit({ type: 'removed', containerId: this.id });
  }

  /** What an engine that goes away does to its clients. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#status !== 'running') return;
    await Promise.all([...this.#streams].map((stream) => stream.deliver(bytes)));
  }
}

class FakeStream extends Duplex {
  readonly #onInput: (chunk: Buffer) => void;
  readonly #onStderr: (text: string) => void;
  readonly #onDetach: () => void;
  #asideLeft = ASIDE;
  #wanted: (() => void)[] = [];

  constructor(onInput: (chunk: Buffer) => void, onStderr: (text: string) => void, onDetach: () => void) {
    super({ allowHalfOpen: false });
    this.#onInput = onInput;
    this.#onStderr = onStderr;
    this.#onDetach = onDetach;
  }

  /** Resolves when the reader takes more, or is gone. */
  deliver(bytes: Buffer): Promise<void> {
    if (this.destroyed || this.readableEnded || this.push(bytes)) return Promise.resolve();
    return new Promise((resolve) => void this.#wanted.push(resolve));
  }

  aside(text: string): void {
    const kept = text.slice(0, this.#asideLeft);
    this.#asideLeft -= kept.length;
    if (kept !== '') this.#onStderr(kept);
  }

  finish(): void {
    if (!this.destroyed) this.push(null);
    this.#release();
  }

  override _read(): void {
    this.#release();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#onInput(chunk);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#onDetach();
    this.#release();
    done(error);
  }

  #release(): void {
    for (const resolve of this.#wanted.splice(0)) resolve();
  }
}

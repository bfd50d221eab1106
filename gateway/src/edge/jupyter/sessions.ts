/** The Jupyter API's sessions: a person's document and its kernel. A session lives as long as its kernel. */

import type { Person } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import { isKernelId, isSessionId, type KernelId, newSessionId, type SessionId, type UserId } from '../../base/ids.ts';
import type { KernelModel, Kernels } from '../../kernel/contract.ts';
import type { Kernelspecs } from './kernelspecs.ts';

/** As it is kept; implemented by `store/`. */
export interface SessionRecord {
  readonly id: SessionId;
  readonly owner: UserId;
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly kernel: KernelId;
  readonly createdAt: number;
}

export interface SessionRecords {
  put(session: SessionRecord): Promise<void>;
  ofUser(owner: UserId): Promise<SessionRecord[]>;
  remove(id: SessionId): Promise<void>;
  removeOfKernel(kernel: KernelId): Promise<void>;
}

export interface SessionModel {
  readonly id: SessionId;
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly kernel: KernelModel;
  readonly notebook?: { readonly path: string; readonly name: string };
}

interface KernelWish {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

export interface NewSession {
  readonly path: string;
  readonly type: string;
  readonly name?: string | null | undefined;
  readonly kernel?: KernelWish | null | undefined;
}

export type SessionChange = { readonly [Field in keyof NewSession]?: NewSession[Field] | null | undefined };

export interface SessionsDeps {
  readonly records: SessionRecords;
  readonly kernels: Kernels;
  readonly specs: Kernelspecs;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export class Sessions {
  readonly #deps: SessionsDeps;
  /** Two requests for one path that come at once get one session and one kernel. */
  readonly #opening = new Map<string, Promise<SessionModel>>();

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    deps.kernels.onGone((kernel) => void deps.records.removeOfKernel(kernel).catch(deps.onError));
  }

  async list(owner: UserId): Promise<SessionModel[]> {
    return (await this.#live(owner)).map(([record, kernel]) => toModel(record, kernel));
  }

  async get(owner: UserId, id: string): Promise<SessionModel> {
    const [record, kernel] = await this.#find(owner, id);
    return toModel(record, kernel);
  }

  /** The session of the path where there is one; else a new one, with the kernel that was named or a new one. */
  create(person: Person, wish: NewSession): Promise<SessionModel> {
    const key = `${person.user} ${wish.path}`;
    const running = this.#opening.get(key);
    if (running !== undefined) return running;
    const opening = this.#open(person, wish).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async change(person: Person, id: string, change: SessionChange): Promise<SessionModel> {
    const [before, kernelBefore] = await this.#find(person.user, id);
    const { path, name, type, kernel: wish } = change;
    const kernel = wish?.id !== undefined || wish?.name !== undefined ? await this.#kernel(person, wish) : kernelBefore;
    const record: SessionRecord = {
      ...before,
      path: path ?? before.path,
      name: name ?? before.name,
      type: type ?? before.type,
      kernel: kernel.id,
    };
    await this.#deps.records.put(record);
    if (kernel.id !== before.kernel) await this.#endUnused(person.user, before.kernel);
    return toModel(record, kernel);
  }

  /** Ends the kernel too. */
  async remove(owner: UserId, id: string): Promise<void> {
    const record = (await this.#deps.records.ofUser(owner)).find((each) => each.id === id);
    if (record === undefined) throw unknownSession(id);
    await this.#deps.records.remove(record.id);
    if (!this.#running(owner, record.kernel))
      throw new CarrelError('gone', `Kernel deleted before session: ${record.kernel}`);
    await this.#deps.kernels.shutdown(owner, record.kernel);
  }

  async #open(person: Person, wish: NewSession): Promise<SessionModel> {
    const existing = (await this.#live(person.user)).find(([record]) => record.path === wish.path);
    if (existing !== undefined) return toModel(...existing);
    const kernel = await this.#kernel(person, wish.kernel ?? {});
    const record: SessionRecord = {
      id: newSessionId(),
      owner: person.user,
      path: wish.path,
      name: wish.name ?? '',
      type: wish.type,
      kernel: kernel.id,
      createdAt: this.#deps.now(),
    };
    await this.#deps.records.put(record);
    return toModel(record, kernel);
  }

  async #kernel(person: Person, wish: KernelWish): Promise<KernelModel> {
    if (wish.id !== undefined) {
      const found = isKernelId(wish.id) ? this.#running(person.user, wish.id) : undefined;
      if (found === undefined)
        throw new CarrelError('bad_request', `No such kernel: ${JSON.stringify(wish.id.slice(0, 64))}`);
      return found;
    }
    const choice = this.#choice(person, wish.name);
    return this.#deps.kernels.start({ owner: person.user, env: {}, ...choice });
  }

  #choice(person: Person, name: string | undefined) {
    try {
      return this.#deps.specs.resolve(person, name);
    } catch (error) {
      if (!(error instanceof CarrelError) || error.code !== 'not_found') throw error;
      throw new CarrelError('unknown_kernelspec', error.message);
    }
  }

  async #endUnused(owner: UserId, kernel: KernelId): Promise<void> {
    const used = (await this.#deps.records.ofUser(owner)).some((record) => record.kernel === kernel);
    if (!used && this.#running(owner, kernel)) await this.#deps.kernels.shutdown(owner, kernel);
  }

  #running(owner: UserId, id: KernelId): KernelModel | undefined {
    return this.#deps.kernels.find(owner, id);
  }

  async #live(owner: UserId): Promise<[SessionRecord, KernelModel][]> {
    const kernels = new Map(this.#deps.kernels.list(owner).map((kernel) => [kernel.id, kernel]));
    return (await this.#deps.records.ofUser(owner)).flatMap((record): [SessionRecord, KernelModel][] => {
      const kernel = kernels.get(record.kernel);
      return kernel === undefined ? [] : [[record, kernel]];
    });
  }

  async #find(owner: UserId, id: string): Promise<[SessionRecord, KernelModel]> {
    const found = isSessionId(id) ? (await this.#live(owner)).find(([record]) => record.id === id) : undefined;
    if (found === undefined) throw unknownSession(id);
    return found;
  }
}

const unknownSession = (id: string) => new CarrelError('not_found', `Session not found: session_id=${id.slice(0, 64)}`);

const toModel = ({ id, path, name, type }: SessionRecord, kernel: KernelModel): SessionModel => ({
  id,
  path,
  name,
  type,
  kernel,
  ...(type === 'notebook' ? { notebook: { path, name } } : {}),
});

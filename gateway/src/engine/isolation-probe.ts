/**
 * Which isolation a runtime needs on this host. One user id for agent and cell is enough where Landlock keeps signals inside
 * the cell (ABI 6, Linux 6.12); some vendors' kernels claim that ABI without the scope, so it is tried, in a container made
 * from the same plan as any sandbox.
 */
import { CarrelError } from '../base/errors.ts';
import type { Scope } from '../base/scope.ts';
import { type ContainerPlan, containerPlan, type Isolation, LABELS, type PlanRequest } from './container-plan.ts';
import type { Engine } from './engine.ts';
import { runtimeTraits } from './runtime-traits.ts';

export interface IsolationFinding {
  readonly isolation: Isolation;
  /** Landlock's ABI in the sandbox; 0 where there is none, or none that keeps signals inside. */
  readonly landlock: number;
  /** For `doctor` and the log. */
  readonly why: string;
}

/** The first Landlock ABI with LANDLOCK_SCOPE_SIGNAL. */
const SIGNAL_SCOPE_ABI = 6;

const PROBE_LABEL = 'carrel.probe';

/** A tool that is not there (127), cannot be run (126), or was killed (128 and more) says nothing about Landlock. */
const LARGEST_ABI = 100;

/**
 * System calls 444 and 446; ruleset {fs: 0, net: 0, scoped: LANDLOCK_SCOPE_SIGNAL}. The exit status is the ABI, or 0 where a
 * confined child can still signal its parent.
 */
const PROBE = `
import ctypes, os, struct
call = ctypes.CDLL(None, use_errno=True).syscall
abi = call(444, None, ctypes.c_size_t(0), 1)
if abi < ${SIGNAL_SCOPE_ABI}:
    os._exit(max(abi, 0))
child = os.fork()
if child == 0:
    rules = struct.pack("QQQ", 0, 0, 2)
    ruleset = call(444, rules, ctypes.c_size_t(len(rules)), 0)
    confined = ruleset >= 0 and call(446, ruleset, 0) == 0
    try:
        os.kill(os.getppid(), 0)
        os._exit(1)
    except PermissionError:
        os._exit(0 if confined else 1)
os._exit(abi if os.waitpid(child, 0)[1] == 0 else 0)
`;

/** Answers from memory after the first time; `forget` when the engine was away. */
export class IsolationProbe {
  readonly #engine: Engine;
  readonly #known = new Map<string, IsolationFinding>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** `request` is one for a sandbox of the runtime in question; its `isolation` is not used. */
  async find(request: PlanRequest, scope: Scope): Promise<IsolationFinding> {
    const { runtime } = request.policy;
    const known = this.#known.get(runtime);
    if (known !== undefined) return known;
    const finding = await this.#probe(request, scope);
    this.#known.set(runtime, finding);
    return finding;
  }

  forget(): void {
    this.#known.clear();
  }

  async #probe(request: PlanRequest, scope: Scope): Promise<IsolationFinding> {
    const { runtime } = request.policy;
    if (runtimeTraits(runtime).alwaysSplit) {
      return {
        isolation: 'split',
        landlock: 0,
        why: `the runtime ${runtime} does not keep one user id's processes apart`,
      };
    }
    const landlock = await this.#run(probePlan(request), scope);
    if (landlock >= SIGNAL_SCOPE_ABI) {
      return { isolation: 'guarded', landlock, why: `Landlock ABI ${landlock} keeps signals inside the cell` };
    }
    return {
      isolation: 'split',
      landlock,
      why: `Landlock ABI ${landlock} keeps no signals inside the cell; ABI 6 (Linux 6.12) does`,
    };
  }

  async #run(plan: ContainerPlan, scope: Scope): Promise<number> {
    const id = await this.#engine.create(plan, scope);
    try {
      await this.#engine.start(id, scope);
      const status = await this.#engine.wait(id, scope);
      if (status <= LARGEST_ABI) return status;
      throw new CarrelError(
        'sandbox_failed',
        `expected python3 in the image "${plan.body.Image}" to tell the Landlock ABI, got the exit status ${status}`,
      );
    } finally {
      await this.#engine.remove(id, scope);
    }
  }
}

/** Without the label of a sandbox: a probe that was left behind belongs to nobody. */
export function probePlan(request: PlanRequest): ContainerPlan {
  const { body } = containerPlan({ ...request, isolation: 'guarded' });
  return {
    name: `carrel-probe-${request.sandbox}`,
    body: {
      ...body,
      Entrypoint: ['python3', '-I', '-c', PROBE],
      Cmd: [],
      Labels: { [LABELS.instance]: request.instance, [PROBE_LABEL]: 'isolation' },
    },
  };
}

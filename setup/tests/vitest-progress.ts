/** Says every half minute which test is running, since a test of the whole program may take minutes. */
import type { Reporter, TestCase } from 'vitest/node';

const EVERY_MS = 30_000;

export default class Progress implements Reporter {
  #timer: NodeJS.Timeout | undefined;
  #running = new Set<TestCase>();
  #done = 0;

  onTestRunStart(): void {
    const begun = Date.now();
    this.#timer = setInterval(() => {
      const names = [...this.#running].map((test) => `${test.module.relativeModuleId} › ${test.name}`);
      const after = Math.round((Date.now() - begun) / 1000);
      process.stdout.write(
        `    ${after} s, ${this.#done} tests done; running: ${names.join(', ').slice(0, 200) || 'preparation'}\n`,
      );
    }, EVERY_MS);
  }

  onTestCaseReady(test: TestCase): void {
    this.#running.add(test);
  }

  onTestCaseResult(test: TestCase): void {
    this.#running.delete(test);
    this.#done += 1;
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
  }
}

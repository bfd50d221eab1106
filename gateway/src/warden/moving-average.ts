/** How long starts took lately, for the expected wait that people in the queue are told. */
const WEIGHT = 0.2;

export class MovingAverage {
  #value: number;

  /** `initial` is the answer until the first measurement. */
  constructor(initial: number) {
    this.#value = initial;
  }

  add(value: number): void {
    this.#value += (value - this.#value) * WEIGHT;
  }

  get value(): number {
    return this.#value;
  }
}

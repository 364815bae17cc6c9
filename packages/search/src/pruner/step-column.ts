/** Values ascending, and the number of the trial that each is of. */
export type SortedValues = { readonly values: Float64Array; readonly numbers: Float64Array };

/** The values that trials had at one step, kept sorted: finding the place costs a binary search, making room a move of memory. */
export class StepColumn {
  #values: Float64Array<ArrayBuffer>;
  #numbers: Float64Array<ArrayBuffer>;
  #length: number;

  /** @param entries - What is there already, in any order. */
  constructor(entries: readonly { readonly value: number; readonly number: number }[]) {
    const sorted = entries.toSorted((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    this.#length = sorted.length;
    this.#values = new Float64Array(Math.max(16, sorted.length));
    this.#numbers = new Float64Array(Math.max(16, sorted.length));
    sorted.forEach(({ value, number }, i) => {
      this.#values[i] = value;
      this.#numbers[i] = number;
    });
  }

  /** Views, valid until the next change. */
  get sorted(): SortedValues {
    return { values: this.#values.subarray(0, this.#length), numbers: this.#numbers.subarray(0, this.#length) };
  }

  insert(number: number, value: number): void {
    if (this.#length === this.#values.length) {
      this.#values = doubled(this.#values);
      this.#numbers = doubled(this.#numbers);
    }
    const at = countBelow(this.sorted.values, value);
    this.#values.copyWithin(at + 1, at, this.#length);
    this.#numbers.copyWithin(at + 1, at, this.#length);
    this.#values[at] = value;
    this.#numbers[at] = number;
    this.#length += 1;
  }

  remove(number: number, value: number): void {
    const { values, numbers } = this.sorted;
    const at = numbers.indexOf(number, countBelow(values, value));
    if (at === -1) throw new Error(`internal: trial ${number} has no value ${value} in this column.`);
    this.#values.copyWithin(at, at + 1, this.#length);
    this.#numbers.copyWithin(at, at + 1, this.#length);
    this.#length -= 1;
  }
}

/** How many of the ascending values are below this one. */
export function countBelow(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function doubled(old: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
}

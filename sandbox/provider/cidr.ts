/** An IPv4 range. */
export class Cidr {
  private constructor(
    readonly first: number,
    readonly prefix: number,
    readonly hasHostBits: boolean,
  ) {}

  /** Reads `10.0.0.0/16`; undefined when it is no such thing. */
  static parse(text: string): Cidr | undefined {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
    if (match === null) return undefined;
    const parts = match.slice(1).map(Number);
    const [prefix] = parts.splice(4, 1);
    if (prefix === undefined || prefix > 32 || parts.some((part) => part > 255)) return undefined;
    const address = parts.reduce((sum, part) => sum * 256 + part, 0);
    const first = address - (address % 2 ** (32 - prefix));
    return new Cidr(first, prefix, first !== address);
  }

  get size(): number {
    return 2 ** (32 - this.prefix);
  }

  get text(): string {
    return `${addressText(this.first)}/${this.prefix}`;
  }

  contains(other: Cidr): boolean {
    return other.first >= this.first && other.first + other.size <= this.first + this.size;
  }

  overlaps(other: Cidr): boolean {
    return this.first < other.first + other.size && other.first < this.first + this.size;
  }

  /** The address at an offset. */
  at(offset: number): string {
    return addressText(this.first + offset);
  }
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

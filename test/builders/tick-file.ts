import { Random } from '#shared/nn/random.ts';

const HEADER = 'recv_ns,exch_ms,symbol,kind,price,qty,buyer_maker,bid,bid_qty,ask,ask_qty';
const START_NS = 1_723_075_200_000_000_000n;

/**
 * The text of a tick file of several symbols in order of time: a random walk on a price grid of 0.1, with a quote before each
 * trade. The same seed gives the same text.
 */
export function tickFile({
  tradeCount = 600,
  symbols = ['venue:a', 'venue:b'],
  seed = 7,
}: {
  readonly tradeCount?: number;
  readonly symbols?: readonly string[];
  readonly seed?: number;
} = {}): string {
  const random = new Random(seed);
  const steps = symbols.map(() => 1_000);
  const lines = [HEADER];
  let timeNs = START_NS;
  for (let trade = 0; trade < tradeCount; trade++) {
    const k = random.integer(symbols.length);
    steps[k] += random.integer(3) - 1;
    const [bid, ask] = [steps[k] - 1, steps[k] + 1].map((step) => (step / 10).toFixed(1));
    timeNs += BigInt(1_000_000 + random.integer(200_000_000));
    lines.push(`${timeNs},,${symbols[k]},Q,,,,${bid},${1 + random.integer(9)},${ask},5`);
    timeNs += 1_000_000n;
    const isSold = random.next() < 0.5;
    lines.push(
      `${timeNs},,${symbols[k]},T,${isSold ? bid : ask},${1 + random.integer(4)},${isSold},,,,`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The fingerprint of a text, 32 hexadecimal digits: MurmurHash3 (x86, 128 bits, seed 0) of its UTF-8 bytes.
 *
 * It answers one question: has this text changed? Nothing is gained by forging it, since whoever can write
 * the text can write the fingerprint. A cryptographic hash would answer no better, and loading one costs
 * the function a tenth of its whole run. Written without small functions in the loop, since it mostly runs
 * once in a process, before anything is compiled.
 */
export function fingerprint(text: string): string {
  const bytes = Buffer.from(text);
  const padded = new DataView(new ArrayBuffer(bytes.length + 16));
  new Uint8Array(padded.buffer).set(bytes);
  const whole = bytes.length - (bytes.length % 16);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let at = 0; at < whole; at += 16) {
    let k = Math.imul(padded.getInt32(at, true), 0x239b961b);
    a ^= Math.imul((k << 15) | (k >>> 17), 0xab0e9789);
    a = (Math.imul((((a << 19) | (a >>> 13)) + b) | 0, 5) + 0x561ccd1b) | 0;
    k = Math.imul(padded.getInt32(at + 4, true), 0xab0e9789);
    b ^= Math.imul((k << 16) | (k >>> 16), 0x38b34ae5);
    b = (Math.imul((((b << 17) | (b >>> 15)) + c) | 0, 5) + 0x0bcaa747) | 0;
    k = Math.imul(padded.getInt32(at + 8, true), 0x38b34ae5);
    c ^= Math.imul((k << 17) | (k >>> 15), 0xa1e38b93);
    c = (Math.imul((((c << 15) | (c >>> 17)) + d) | 0, 5) + 0x96cd1c35) | 0;
    k = Math.imul(padded.getInt32(at + 12, true), 0xa1e38b93);
    d ^= Math.imul((k << 18) | (k >>> 14), 0x239b961b);
    d = (Math.imul((((d << 13) | (d >>> 19)) + a) | 0, 5) + 0x32ac3b17) | 0;
  }
  const rest = (lane: number, turn: number, factor: number, then: number): number => {
    const k = Math.imul(padded.getInt32(whole + 4 * lane, true), factor);
    return Math.imul((k << turn) | (k >>> (32 - turn)), then) ^ bytes.length;
  };
  a ^= rest(0, 15, 0x239b961b, 0xab0e9789);
  b ^= rest(1, 16, 0xab0e9789, 0x38b34ae5);
  c ^= rest(2, 17, 0x38b34ae5, 0xa1e38b93);
  d ^= rest(3, 18, 0xa1e38b93, 0x239b961b);
  return sum(sum([a, b, c, d]).map(finish))
    .map((lane) => (lane >>> 0).toString(16).padStart(8, '0'))
    .join('');
}

/** The first lane takes in all others, then they take in it. */
function sum(lanes: number[]): number[] {
  const first = lanes.reduce((total, lane) => (total + lane) | 0, 0);
  return lanes.map((lane, index) => (index === 0 ? first : (lane + first) | 0));
}

function finish(word: number): number {
  const first = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}

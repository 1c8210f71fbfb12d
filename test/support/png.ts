/** Images as PNG has them: read, and compared with room for how machines draw letters. */
import { inflateSync } from 'node:zlib';

/** An image: red, green and blue of each pixel, row by row. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Reads a PNG of 8 bits in RGB or RGBA without interlacing, as browsers write it. */
export function decodePng(file: Buffer): Image {
  const data: Buffer[] = [];
  let header = file.subarray(0, 0);
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const kind = file.toString('latin1', at + 4, at + 8);
    const content = file.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') header = content;
    if (kind === 'IDAT') data.push(content);
    at += length + 12;
  }
  const [width, height, depth, color] = [
    header.readUInt32BE(0),
    header.readUInt32BE(4),
    header[8],
    header[9],
  ];
  if (depth !== 8 || (color !== 2 && color !== 6) || header[12] !== 0)
    throw new Error('this kind of PNG is not read');
  const bytes = color === 6 ? 4 : 3;
  const rows = unfiltered(inflateSync(Buffer.concat(data)), width * bytes, height, bytes);
  const pixels = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    pixels.set(rows.subarray(pixel * bytes, pixel * bytes + 3), pixel * 3);
  return { width, height, pixels };
}

/** Undoes the filters of a PNG's rows. Source: PNG specification, section 9. */
function unfiltered(raw: Buffer, stride: number, height: number, bytes: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const here = y * stride + x;
      const left = x >= bytes ? (out[here - bytes] ?? 0) : 0;
      const up = y > 0 ? (out[here - stride] ?? 0) : 0;
      const corner = x >= bytes && y > 0 ? (out[here - stride - bytes] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      out[here] = (raw[y * (stride + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  if ((a ?? 0) <= (b ?? 0) && (a ?? 0) <= (c ?? 0)) return left;
  return (b ?? 0) <= (c ?? 0) ? up : corner;
}

/** The share of an image that looks different: fields of 8 by 8 pixels whose mean differs by more than a shade. */
export function difference(a: Image, b: Image): number {
  if (a.width !== b.width || a.height !== b.height) return 1;
  const [size, shade] = [8, 24];
  let [fields, changed] = [0, 0];
  for (let y = 0; y < a.height; y += size)
    for (let x = 0; x < a.width; x += size) {
      fields += 1;
      const [one, other] = [mean(a, x, y, size), mean(b, x, y, size)];
      if (one.some((value, index) => Math.abs(value - (other[index] ?? 0)) > shade)) changed += 1;
    }
  return changed / fields;
}

function mean({ width, height, pixels }: Image, left: number, top: number, size: number): number[] {
  const sums = [0, 0, 0];
  let count = 0;
  for (let y = top; y < Math.min(top + size, height); y++)
    for (let x = left; x < Math.min(left + size, width); x++) {
      count += 1;
      for (const channel of [0, 1, 2])
        sums[channel] = (sums[channel] ?? 0) + (pixels[(y * width + x) * 3 + channel] ?? 0);
    }
  return sums.map((sum) => sum / count);
}

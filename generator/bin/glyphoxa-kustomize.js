#!/usr/bin/env node
import { existsSync } from 'node:fs';

const bundle = new URL('../../dist/cli.js', import.meta.url);
if (existsSync(bundle)) {
  const { main } = await import(bundle.href);
  await main();
} else {
  console.error('glyphoxa-kustomize: dist/ is missing; run npm ci in the clone first');
  process.exitCode = 1;
}

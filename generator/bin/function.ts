/** The function as a process; `load` and `cacheFile` serve the build, which compiles the bundle ahead. */
import { load } from '../function/launch.ts';

export { cacheFile, load } from '../function/launch.ts';

if (require.main === module) {
  const { main } = load(__dirname).exports;
  main(process.argv.slice(2), { env: process.env, cwd: process.cwd() }).then((code) => {
    // all is written, and there is nothing that the heap's end would tell: Node skips taking it down
    process.exit(code);
  });
}

// Builds the chart library: node build.mjs OUTDIR, after npm ci in this folder (or a copy).
//
//   OUTDIR/charts.js          for pages: ECharts, the figures' shapes, the runtime
//   OUTDIR/charts-picture.js  for the program ../svg, which draws a figure's picture
//
// Each is one script without a global name of ECharts, so it works on a page that has
// require.js or another copy of ECharts.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const outdir = process.argv[2];
if (!outdir) {
  console.error('usage: node build.mjs OUTDIR');
  process.exit(2);
}
mkdirSync(outdir, { recursive: true });

// The sources' sum, by which package web tells a library that is older than they are.
const here = (name) => new URL(name, import.meta.url);
const hash = createHash('sha256');
for (const name of readdirSync(here('.')).filter((n) => n.endsWith('.js')).sort()) {
  hash.update(`${name}\n`).update(readFileSync(here(name)));
}
const sum = hash.digest('hex');
const library = JSON.stringify(sum.slice(0, 8)); // its name, as package web has it

const version = (name) =>
  JSON.parse(readFileSync(here(`node_modules/${name}/package.json`))).version;
const head = `/*! course-charts ${sum}: Apache ECharts ${version('echarts')} (Apache License 2.0), ` +
  `zrender ${version('zrender')} (BSD 3-Clause), tslib (0BSD): github.com/apache/echarts */`;

// A page that runs its script twice skips the second run.
const once = [`if (!window.t2gCharts?.has?.(${library})) {`, '}'];

for (const [entry, outfile, [before, after]] of [
  ['browser.js', 'charts.js', once],
  ['picture.js', 'charts-picture.js', ['', '']],
]) {
  await build({
    entryPoints: [fileURLToPath(here(entry))],
    outfile: join(outdir, outfile),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"', LIBRARY: library },
    banner: { js: head + '\n' + before },
    footer: { js: after },
  });
}

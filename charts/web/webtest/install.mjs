// Puts what the tests of pages need into the environment: node install.mjs ENV, after npm ci in
// this folder (or a copy).
//
//   ENV/share/axe-core/   checks a page for those who use it in other ways than by eye and mouse
//   ENV/bin/chromium      starts a headless browser, unless npm ci was told --omit=optional
//   ENV/share/chromium/   the browser, with the libraries and fonts that a bare machine lacks
//
// The browser is for Linux on x86-64; only the tests of pages use it, and only where there is
// no other.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

function fail(message) {
  console.error(message);
  process.exit(1);
}

const env = process.argv[2];
if (!env) fail('usage: node install.mjs ENV');
const here = (name) => new URL(`node_modules/${name}`, import.meta.url);

mkdirSync(join(env, 'share', 'axe-core'), { recursive: true });
copyFileSync(here('axe-core/axe.min.js'), join(env, 'share', 'axe-core', 'axe.min.js'));

if (!existsSync(here('@sparticuz/chromium'))) process.exit();
if (process.platform !== 'linux' || process.arch !== 'x64') {
  fail(`the packed Chromium is for Linux on x86-64, not for ${process.platform} on ${process.arch}; install Chromium or Google Chrome, or set CHROME to one`);
}

const packed = (name) =>
  brotliDecompressSync(readFileSync(here(`@sparticuz/chromium/bin/${name}.br`)));

const share = resolve(env, 'share', 'chromium');
const fresh = `${share}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
writeFileSync(join(fresh, 'chromium'), packed('chromium'), { mode: 0o755 });
for (const archive of ['al2023.tar', 'fonts.tar']) {
  const { status, stderr } = spawnSync('tar', ['-x', '--no-same-owner', '-C', fresh], { input: packed(archive) });
  if (status !== 0) fail(`tar could not unpack ${archive}: ${stderr}`);
}
writeFileSync(join(fresh, 'fonts.conf'), `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`);
rmSync(share, { recursive: true, force: true });
renameSync(fresh, share);

mkdirSync(join(env, 'bin'), { recursive: true });
const start = join(env, 'bin', 'chromium');
writeFileSync(`${start}.new`, `#!/bin/sh
# The headless Chromium of the course's environment.
share=$(dirname "$(readlink -f "$0")")/../share/chromium
export LD_LIBRARY_PATH="$share/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$share/fonts.conf"
exec "$share/chromium" "$@"
`);
chmodSync(`${start}.new`, 0o755);
renameSync(`${start}.new`, start);

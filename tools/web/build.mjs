// Bundles the report and the console, and writes them as C++: node build.mjs OUTPUT.cpp
//
// The same sources give the same bytes: nothing of time, paths or this machine gets in.
import { build } from "esbuild";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2];
if (!output) {
  console.error("usage: node build.mjs OUTPUT.cpp");
  process.exit(64);
}

// What each page's style.css is made of, in this order.
const kStyles = {
  report: ["theme.css", "report/pieces.css", "report/style.css"],
  console: ["theme.css", "report/pieces.css", "console/style.css", "console/flow.css"],
};

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    write: false,
    absWorkingDir: here,
  });
  return result.outputFiles[0].text;
}

// Pieces of at most 16 kB: compilers need not take longer string literals.
function literal(text) {
  const bytes = Buffer.from(text, "utf8");
  const pieces = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    let piece = "";
    for (const byte of bytes.subarray(at, at + 4096)) {
      if (byte === 0x5c || byte === 0x22) piece += "\\" + String.fromCharCode(byte);
      else if (byte >= 0x20 && byte < 0x7f && byte !== 0x3f) piece += String.fromCharCode(byte);
      else piece += "\\" + byte.toString(8).padStart(3, "0");
    }
    pieces.push(`    "${piece}"sv,`);
  }
  return pieces.join("\n");
}

const assets = [];
const read = (file) => readFileSync(join(here, file), "utf8");
for (const page of Object.keys(kStyles)) {
  if (!existsSync(join(here, page, "main.js"))) continue;
  assets.push([`${page}/main.js`, await bundle(`${page}/main.js`)]);
  assets.push([`${page}/shell.html`, read(`${page}/shell.html`)]);
  const sheets = kStyles[page].filter((file) => existsSync(join(here, file)));
  assets.push([`${page}/style.css`, sheets.map(read).join("\n")]);
}

const lines = [
  "// Made by tools/web/build.mjs.",
  '#include "tools/web/assets.h"',
  "",
  "#include <array>",
  "",
  "namespace faultline::tools {",
  "using namespace std::string_view_literals;",
  "namespace {",
];
assets.forEach(([, text], i) => {
  lines.push(`constexpr std::string_view kPieces${i}[] = {`, literal(text), "};");
});
// C++ has no empty arrays.
if (assets.length === 0) {
  lines.push("constexpr std::span<const WebAsset> kAssets;");
} else {
  lines.push("constexpr WebAsset kAssets[] = {");
  assets.forEach(([name], i) => lines.push(`    {"${name}"sv, kPieces${i}},`));
  lines.push("};");
}
lines.push("}  // namespace", "std::span<const WebAsset> web_assets() { return kAssets; }", "}  // namespace faultline::tools", "");
writeFileSync(output, lines.join("\n"));

/** Builds from one tree: `--mode widget` makes dist/widget.js; `--mode shop`, `desk` and `reports` a folder of dist/ each. */

import { resolve } from "node:path";
import { defineConfig, type UserConfig } from "vite";
import { licences } from "./build/licences.ts";
import { productCards } from "./build/cards.ts";
import { record } from "./build/record.ts";

const out = resolve(process.env.HUIDA_WEB_OUT ?? "dist"); // the tests build beside the committed files

const widget: UserConfig = {
  publicDir: false,
  plugins: [record(out)],
  build: {
    outDir: out,
    emptyOutDir: false,
    target: "es2020",
    lib: { entry: "src/widget/main.ts", formats: ["iife"], name: "huida", fileName: () => "widget.js" },
  },
};

/** A page of our own: one script, one style sheet, everything else a file of its own, for its security policy. */
const page = (name: string, target: string): UserConfig => ({
  root: `src/${name}`,
  base: `/${name}/`,
  build: {
    outDir: `${out}/${name}`,
    emptyOutDir: true,
    target,
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: { output: { entryFileNames: "[name].js", assetFileNames: "[name][extname]" } },
  },
});

const BUILDS: Record<string, UserConfig> = {
  widget,
  shop: { ...page("shop", "es2020"), plugins: [productCards(), record(out)] },
  reports: { ...page("reports", "es2022"), plugins: [record(out)] },
  desk: { ...page("desk", "es2022"), plugins: [licences(["preact", "@preact/signals", "@preact/signals-core"]), record(out)] },
};

export default defineConfig(({ mode }) => BUILDS[mode] ?? widget);

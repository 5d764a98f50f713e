/** Two builds from one tree: `--mode widget` makes dist/widget.js, `--mode shop` makes dist/shop/. */

import { resolve } from "node:path";
import { defineConfig } from "vite";
import { productCards } from "./build/cards.ts";
import { record } from "./build/record.ts";

const out = resolve(process.env.HUIDA_WEB_OUT ?? "dist"); // the tests build beside the committed files

export default defineConfig(({ mode }) =>
  mode === "widget"
    ? {
        publicDir: false,
        plugins: [record(out)],
        build: {
          outDir: out,
          emptyOutDir: false,
          target: "es2020",
          lib: { entry: "src/widget/main.ts", formats: ["iife"], name: "huida", fileName: () => "widget.js" },
        },
      }
    : {
        root: "src/shop",
        base: "/shop/",
        plugins: [productCards(), record(out)],
        build: {
          outDir: `${out}/shop`,
          emptyOutDir: true,
          target: "es2020",
          assetsInlineLimit: 0,
          modulePreload: false,
          rollupOptions: { output: { entryFileNames: "[name].js", assetFileNames: "[name][extname]" } },
        },
      },
);

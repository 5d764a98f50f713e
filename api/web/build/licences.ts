/** Puts the licences of the libraries that go into a page beside it, as they ask for. */

import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

export function licences(packages: string[]): Plugin {
  return {
    name: "huida-licences",
    generateBundle() {
      const source = packages.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf-8")}`).join("\n\n");
      this.emitFile({ type: "asset", fileName: "LICENCES.txt", source });
    },
  };
}

/** dist/build.json: which sources the built files were made of, so that a test without node can tell stale ones. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const SOURCES = ["build", "src", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts"];

export function record(out: string): Plugin {
  return {
    name: "huida-record",
    closeBundle() {
      const built = files(out, ".").filter((path) => path !== "build.json");
      const fields = {
        sources: digest(SOURCES.flatMap((path) => files(".", path)).sort()),
        files: Object.fromEntries(built.sort().map((path) => [path, sha256(readFileSync(join(out, path)))])),
      };
      writeFileSync(join(out, "build.json"), JSON.stringify(fields, null, 2) + "\n");
    },
  };
}

/** SHA-256 over one line "digest  path" for each file, as sha256sum prints them. */
function digest(paths: string[]): string {
  return sha256(paths.map((path) => `${sha256(readFileSync(path))}  ${path}\n`).join(""));
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** All files at or below `path`, relative to `root`, with forward slashes. */
function files(root: string, path: string): string[] {
  const whole = join(root, path);
  try {
    return readdirSync(whole, { withFileTypes: true }).flatMap((entry) => files(root, join(path, entry.name)));
  } catch {
    return [join(path).replaceAll("\\", "/")]; // a file, not a folder
  }
}

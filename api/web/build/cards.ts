/** Writes the product cards into the shop page at build time: the page is whole without a script. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { PRODUCTS, type Product, type Said } from "../src/shop/products.ts";

export function productCards(): Plugin {
  return {
    name: "huida-product-cards",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html
          .replace("<!-- products -->", PRODUCTS.map(card).join("\n"))
          .replace(/<!-- art:(\w+) -->/g, (_, name: string) => art(name)),
    },
  };
}

function card({ id, name, line, price, tag, question }: Product): string {
  return `<li class="card">
  <div class="tile ${id}">${art(id)}${tag ? `<p class="tag">${both(tag)}</p>` : ""}</div>
  <h3>${both(name)}</h3>
  <p class="line">${both(line)}</p>
  <p class="price">¥<b>${price}</b></p>
  ${asking(question, "ask")}
</li>`;
}

function asking(question: Said, kind: string): string {
  const button = (text: string, lang: string, short: string) =>
    `<button type="button" class="${kind} ${short}" lang="${lang}" data-huida-ask="${escaped(text)}">${escaped(text)}</button>`;
  return button(question.zh, "zh-CN", "zh") + button(question.en, "en", "en");
}

function both({ zh, en }: Said): string {
  return `<span class="zh" lang="zh-CN">${escaped(zh)}</span><span class="en" lang="en">${escaped(en)}</span>`;
}

function art(name: string): string {
  const file = fileURLToPath(new URL(`../src/shop/art/${name}.svg`, import.meta.url));
  return readFileSync(file, "utf-8").replace(/\n\s*/g, "").replace("<svg ", '<svg aria-hidden="true" ');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

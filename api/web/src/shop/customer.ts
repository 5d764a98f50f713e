/** Who is signed in at the demo shop. A real shop's backend knows that and writes the token into its page. */

const KEY = "qinghe:customer";
const GUEST = "guest";

interface Customer {
  name: string;
  token: string;
}

/** Bring the chat to the page, signed in as the last choice or as the first customer; without customers, as a guest. */
export async function bringChat(): Promise<void> {
  const found = await customers();
  const kept = attempt(() => localStorage.getItem(KEY)) ?? found[0]?.name ?? GUEST;
  const chosen = found.find(({ name }) => name === kept);
  const script = document.querySelector<HTMLTemplateElement>("#chat")!.content.querySelector("script")!;
  const live = document.importNode(script, true); // a script runs once it stands in the page
  if (chosen) live.dataset.customerToken = chosen.token;
  document.body.append(live);
  if (found.length) offer(found, chosen?.name ?? GUEST);
}

function offer(found: Customer[], chosen: string): void {
  const choice = document.querySelector<HTMLSelectElement>("#customer")!;
  choice.prepend(...found.map(({ name }) => new Option(name, name)));
  choice.value = chosen;
  choice.parentElement!.hidden = false;
  choice.addEventListener("change", () => {
    attempt(() => localStorage.setItem(KEY, choice.value));
    const chat = document.querySelector<HTMLElement>("huida-chat");
    const token = found.find(({ name }) => name === choice.value)?.token;
    if (chat && token) chat.dataset.customerToken = token;
    else delete chat?.dataset.customerToken;
  });
}

/** Nobody where the server is no demo, or does not answer. */
async function customers(): Promise<Customer[]> {
  try {
    const answer = await fetch("/shop/customers");
    return answer.ok ? (await answer.json()).customers : [];
  } catch {
    return [];
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined; // storage is blocked: the choice holds for this page
  }
}

/** The form before the desk: name and password, or the first password of one's own. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api";
import { changePassword, phase, resume, signIn, signOut, typedPassword, user } from "../state/session";
import { close } from "../state/ui";
import { notify } from "../state/notices";
import { switchLanguage, words } from "../words";

const MIN_PASSWORD_CHARS = 10; // api/passwords.py

export function SignIn() {
  const w = words.value;
  return (
    <main class="gate">
      <div class="gate-card">
        <Brand />
        {phase.value === "expired" && <p class="hint-line">{w.expired}</p>}
        {phase.value === "unreachable" ? <Unreachable /> : <Credentials />}
      </div>
      <LanguageButton />
    </main>
  );
}

export function FirstPassword() {
  const w = words.value;
  return (
    <main class="gate">
      <div class="gate-card">
        <Brand />
        <h1>{w.firstPassword}</h1>
        <p class="quiet">{w.firstPasswordWhy}</p>
        <PasswordForm />
        <button type="button" class="link-button" onClick={() => void signOut()}>
          {w.signOut}
        </button>
      </div>
      <LanguageButton />
    </main>
  );
}

export function Brand() {
  return (
    <p class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M9 9.5h14v9.5h-7l-4.5 4v-4H9z" />
        <path d="M13 14.2h6" />
      </svg>
      {words.value.product}
    </p>
  );
}

function LanguageButton() {
  const w = words.value;
  return (
    <button type="button" class="language" lang={w.tag === "en" ? "zh-CN" : "en"} onClick={switchLanguage}>
      {w.otherLanguage}
    </button>
  );
}

function Unreachable() {
  const w = words.value;
  return (
    <>
      <p class="trouble" role="alert">
        {w.unreachable}
      </p>
      <button type="button" class="main-button" onClick={() => void resume()}>
        {w.retry}
      </button>
    </>
  );
}

function Credentials() {
  const w = words.value;
  const [form, submit] = useForm(async (fields) => {
    await signIn(fields.name.trim(), fields.password);
  });
  return (
    <form class="fields" onSubmit={submit}>
      <h1>{w.welcome}</h1>
      <label>
        {w.name}
        <input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus />
      </label>
      <label>
        {w.password}
        <input name="password" type="password" autocomplete="current-password" required aria-invalid={!!form.trouble} />
      </label>
      <Trouble text={form.trouble} />
      <button type="submit" class="main-button" disabled={form.isBusy}>
        {w.signIn}
      </button>
    </form>
  );
}

/** Used at the first sign-in and in the dialog of the account's menu. */
export function PasswordForm() {
  const w = words.value;
  const element = useRef<HTMLFormElement>(null);
  useEffect(() => element.current!.querySelector<HTMLInputElement>("label input")!.focus(), []); // the page is not new
  const [form, submit] = useForm(async (fields) => {
    if (fields.changed !== fields.repeated) throw new Error(w.passwordsDiffer);
    await changePassword(fields.old, fields.changed);
    notify(w.passwordChanged);
    close();
  });
  const password = { type: "password", required: true } as const;
  const changed = { ...password, autocomplete: "new-password", minLength: MIN_PASSWORD_CHARS } as const;
  return (
    <form class="fields" onSubmit={submit} ref={element}>
      <input type="text" name="name" autocomplete="username" value={user.value?.name} hidden readOnly />
      {typedPassword.value === null ? (
        <label>
          {w.oldPassword}
          <input name="old" autocomplete="current-password" {...password} />
        </label>
      ) : (
        <input type="hidden" name="old" value={typedPassword.value} />
      )}
      <label>
        <span>
          {w.newPassword} <small>{w.passwordRule(MIN_PASSWORD_CHARS)}</small>
        </span>
        <input name="changed" {...changed} />
      </label>
      <label>
        {w.repeatPassword}
        <input name="repeated" {...changed} />
      </label>
      <Trouble text={form.trouble} />
      <button type="submit" class="main-button" disabled={form.isBusy}>
        {w.save}
      </button>
    </form>
  );
}

function Trouble({ text }: { text: string }) {
  return (
    <p class="trouble" role="alert">
      {text}
    </p>
  );
}

type Fields = Record<string, string>;

function useForm(action: (fields: Fields) => Promise<void>) {
  const [form, setForm] = useState({ trouble: "", isBusy: false });
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Fields;
    setForm({ trouble: "", isBusy: true });
    try {
      await action(fields);
      setForm({ trouble: "", isBusy: false });
    } catch (error) {
      setForm({ trouble: said(error), isBusy: false });
    }
  };
  return [form, submit] as const;
}

function said(error: unknown): string {
  const w = words.value;
  if (!(error instanceof Problem)) return (error as Error).message;
  if (error.code === "bad_credentials") return w.badCredentials;
  if (error.status === 429) return w.tooMany;
  return error.isPassing ? w.unreachable : error.message;
}

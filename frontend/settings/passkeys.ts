// Passkeys: the browser's own ceremony between a form with `data-passkey` and its hidden `credential`.
// "login" asks the server for options first; "get" and "create" find them in #js_data.

interface Options {
  request_options?: { publicKey: PublicKeyCredentialRequestOptionsJSON };
  creation_options?: { publicKey: PublicKeyCredentialCreationOptionsJSON };
}

async function optionsFor(form: HTMLFormElement): Promise<Options> {
  if (form.dataset.passkey === "login") {
    const response = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`passkey options: ${response.status}`);
    return (await response.json()) as Options;
  }
  return JSON.parse(document.getElementById("js_data")?.textContent ?? "{}") as Options;
}

async function create(form: HTMLFormElement, options: Options): Promise<Credential | null> {
  const asked = options.creation_options?.publicKey;
  if (!asked) throw new Error("no creation options");
  const passwordless = form.querySelector<HTMLInputElement>("input[name=passwordless]")?.checked ?? false;
  asked.authenticatorSelection = {
    ...asked.authenticatorSelection,
    residentKey: passwordless ? "required" : "discouraged",
    requireResidentKey: passwordless,
    ...(passwordless ? { userVerification: "required" } : {}),
  };
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
}

async function get(options: Options): Promise<Credential | null> {
  const asked = options.request_options?.publicKey;
  if (!asked) throw new Error("no request options");
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

async function ceremony(form: HTMLFormElement): Promise<void> {
  const problem = form.querySelector<HTMLElement>("[data-problem]");
  if (problem) problem.hidden = true;
  try {
    const options = await optionsFor(form);
    const credential = form.dataset.passkey === "create" ? await create(form, options) : await get(options);
    const input = form.querySelector<HTMLInputElement>("input[name=credential]");
    if (!(credential instanceof PublicKeyCredential) || !input) throw new Error("no credential");
    input.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    if (problem) problem.hidden = false;
  }
}

export function startPasskeys(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void ceremony(form);
    });
  }
}

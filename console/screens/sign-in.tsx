import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { readSignIn, type SignIn, startSignIn } from "../data/oidc.ts";
import { Command, Notice, Said } from "../parts/basics.tsx";

/** Nobody types a password here: the command line signs, and opens this page with a code. */
export function SignInScreen({ why }: { readonly why: string | null }) {
  return (
    <main id="main" class="sign-in">
      <h1>
        <span aria-hidden="true" class="logo">
          H
        </span>
        Holdfast
      </h1>
      {why === null ? null : (
        <Notice tone="warn" title="Signed out">
          <p>
            <Said>{why}</Said>
          </p>
        </Notice>
      )}
      <IssuerButton />
      <p>To sign in, run this where your AWS credentials are:</p>
      <Command>holdfast console</Command>
      <p class="hint">
        It signs a request by your credentials and opens this page with a code that works once, for a minute. On a local
        cloud,{" "}
        <a href="/console/" target="_self">
          open this page again
        </a>
        .
      </p>
    </main>
  );
}

/** Where the stack has an issuer of tokens, people sign in as they do elsewhere. */
function IssuerButton() {
  const signIn = useSignal<SignIn | null>(null);
  useEffect(() => {
    void readSignIn().then((found) => {
      signIn.value = found;
    });
  }, [signIn]);
  const found = signIn.value;
  if (found === null) return null;
  return (
    <p>
      <button type="button" class="primary" onClick={() => void startSignIn(found)}>
        Sign in with your account
      </button>
    </p>
  );
}

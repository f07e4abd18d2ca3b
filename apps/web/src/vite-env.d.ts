/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** `wss://…/ws`: where the signaling server is, when it is not where the page came from. */
  readonly VITE_SIGNAL_URL?: string
}

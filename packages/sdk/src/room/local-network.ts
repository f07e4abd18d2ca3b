/**
 * The permission of this page to reach the local network, which browsers may ask the user for before
 * they use addresses of it; `null` where there is none. It proves nothing: Chromium 156 says `prompt`
 * although it does not ask yet.
 * @see https://wicg.github.io/local-network-access/
 */
export const localNetworkPermission = async (): Promise<PermissionStatus | null> => {
  for (const name of ['local-network', 'local-network-access']) {
    try {
      // The platform's types do not know the name yet.
      const status = await navigator.permissions.query({ name: name as PermissionName })
      return status
    } catch {
      // Browsers refuse names that they do not know, and Node has no permissions.
    }
  }
  return null
}

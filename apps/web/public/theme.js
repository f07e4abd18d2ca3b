// Runs before the first paint, so that a saved theme does not flash.
try {
  const theme = JSON.parse(localStorage.getItem('skein.theme'))
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme
    // The bar of the browser has the colour of the chosen theme, not of the system's.
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      meta.media = meta.dataset.for === theme ? 'all' : 'not all'
    }
  }
} catch {
  // Storage is blocked: use the system theme.
}

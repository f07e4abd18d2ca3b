// Runs before the first paint, so that a remembered theme does not flash.
try {
  const theme = JSON.parse(localStorage.getItem('skein.theme'))
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is blocked: the system's theme it is.
}

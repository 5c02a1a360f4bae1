/** Makes a text safe inside HTML. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The page of the simulated login: an address, a button that agrees and one that refuses. */
export function loginPage(action: string, email: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated login</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
input, button { font: inherit; padding: .5rem .75rem; box-sizing: border-box; }
input { width: 100%; margin: .25rem 0 1rem; }
</style>
</head>
<body>
<h1>Simulated login</h1>
<p>An application asks for access to a mailbox. This page belongs to a local simulator: nothing leaves your machine.</p>
<form method="post" action="${escapeHtml(action)}">
<label for="email">Address</label>
<input id="email" name="email" type="email" required value="${escapeHtml(email)}">
<button id="allow" name="decision" value="allow">Allow</button>
<button id="deny" name="decision" value="deny" formnovalidate>Deny</button>
</form>
</body>
</html>
`;
}

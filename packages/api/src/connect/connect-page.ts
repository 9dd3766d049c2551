/** The page of an upload ticket, the same for every one: what it is for, its script asks with the token. */
export const connectPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Connect your accounts</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="connect.css">
<script type="module" src="connect.js"></script>
</head>
<body>
<main id="page">
<h1>Connect your accounts</h1>
<p id="state" role="status">One moment …</p>
<noscript><p>This page needs JavaScript: your values are sealed in your browser before they are sent.</p></noscript>
</main>
</body>
</html>
`;

"""Live pages: what changed is rendered once and sent to every open page that shows it."""

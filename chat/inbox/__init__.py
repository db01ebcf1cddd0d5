"""The agents' inbox in the browser: pages, verbs and the socket."""

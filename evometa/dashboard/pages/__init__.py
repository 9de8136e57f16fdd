"""One module for each kind of page; each has a function that returns the `Page` of a route."""

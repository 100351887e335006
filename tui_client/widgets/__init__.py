"""One widget a file. A widget knows `timeline.Entry` and `strings`, never the link or the app."""

"""Documents of collecting, one model a file: where data comes from, what may come, and on what terms."""

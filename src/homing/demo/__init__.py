"""The whole loop, to watch and to measure: a real year of a real grocer, and the benches."""

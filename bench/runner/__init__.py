"""What runs the programs of the benchmark, judges what they print, and writes the report."""
